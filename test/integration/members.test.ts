import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { type InodeAppError, NamespaceClient } from 'inode-app';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChangingCluster } from './changing-cluster.js';

/** Creates files one after the other until it is told to end; each has to be acknowledged. */
class Load {
  readonly #client: NamespaceClient;
  readonly #done: Promise<number>;
  #ending = false;

  constructor(addresses: readonly string[]) {
    this.#client = new NamespaceClient({ addresses, timeoutMs: 600_000 });
    this.#done = this.#run();
    this.#done.catch(() => {});
  }

  /** How many were acknowledged; all of them are there. */
  async end(): Promise<number> {
    this.#ending = true;
    const created = await this.#done;
    let found = 0;
    for await (const _ of this.#client.list('/')) found++;
    await this.#client.close();
    expect(found).toBe(created);
    return created;
  }

  async #run(): Promise<number> {
    let created = 0;
    while (!this.#ending) await this.#client.create(`/f-${created++}`);
    return created;
  }
}

let directory: string;
let cluster: ChangingCluster;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'members-'));
  cluster = new ChangingCluster(directory);
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe('a cluster under load', () => {
  it('goes from one master to three to five and back, and loses nothing', async () => {
    await cluster.found(1);
    // It learns of the others.
    const load = new Load(cluster.clientAddresses);
    for (const id of [2, 3, 4, 5]) {
      await cluster.join(id);
      const voters = await cluster.change('add', `${id}=${cluster.addresses(id)}`);
      expect(voters).toEqual([1, 2, 3, 4, 5].slice(0, id));
    }
    for (const id of [1, 2, 3, 4]) {
      expect(await cluster.change('remove', `${id}`)).toEqual([1, 2, 3, 4, 5].slice(id));
      await cluster.stop(id);
    }
    expect(await load.end()).toBeGreaterThan(0);
  });

  it('replaces its masters, demotes, promotes and hands over, and a master moves', async () => {
    await cluster.found(1);
    for (const id of [2, 3]) {
      await cluster.join(id);
      await cluster.change('add', `${id}=${cluster.addresses(id)}`);
    }
    const load = new Load(cluster.clientAddresses);
    await cluster.join(4);
    expect(await cluster.change('replace', '1', `4=${cluster.addresses(4)}`)).toEqual([2, 3, 4]);
    await cluster.stop(1);
    expect(await cluster.change('priority', '2', '0')).toEqual([2, 3, 4]);
    await cluster.join(5);
    expect(await cluster.change('replace', '2', `5=${cluster.addresses(5)}`)).toEqual([3, 4, 5]);
    await cluster.stop(2);
    expect(await cluster.change('demote', '3')).toEqual([4, 5]);
    expect(await cluster.change('promote', '3')).toEqual([3, 4, 5]);
    await cluster.stop(3);
    await cluster.startElsewhere(3);
    const [, moved] = cluster.at.get(3) ?? [];
    for (;;) {
      const { stdout } = await cluster.members('list');
      if (stdout.includes(`"client":"${moved}"`)) break;
    }
    // Whoever knew only the old address finds the leader at the new one.
    await cluster.change('transfer', '3');
    await cluster.join(6);
    expect(await cluster.change('replace', '3', `6=${cluster.addresses(6)}`)).toEqual([4, 5, 6]);
    await cluster.stop(3);
    // No machine of the beginning is left.
    expect(await load.end()).toBeGreaterThan(0);
  });

  it('says why it refuses a change, and is as before', async () => {
    await cluster.found(1);
    const [nobody, nobodyElse] = await freeAddresses(2);
    const refusals: unknown[] = [];
    for (const words of [
      ['add', `2=${nobody}/${nobodyElse}`],
      ['add', `2=${cluster.addresses(1)}`],
      ['remove', '1'],
      ['remove', '7'],
      ['transfer', '7'],
      ['priority', '7', '0'],
      ['priority', '1', '4'],
    ]) {
      const { code, stderr } = await cluster.members(...words);
      const { error, message, outcome } = JSON.parse(stderr) as {
        error: InodeAppError['code'];
        message: string;
        outcome: string;
      };
      const cure = message.includes('--join') ? ' --join' : '';
      refusals.push(`${code} ${error} ${outcome}${cure}`);
    }
    expect(refusals).toEqual([
      '1 MEMBER_UNREACHABLE definite --join',
      '1 CHANGE_INVALID definite',
      '1 CHANGE_INVALID definite',
      '1 CHANGE_INVALID definite',
      '1 CHANGE_INVALID definite',
      '1 CHANGE_INVALID definite',
      '2 ARGUMENT_INVALID definite',
    ]);
    expect(await cluster.change('list')).toEqual([1]);
  });
});
