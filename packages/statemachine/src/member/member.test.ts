import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TcpRpcNetwork } from '@raft-ts/net';
import { eventually, freeAddresses } from '@raft-ts/net/testing';
import {
  FileSnapshotReceiver,
  HttpSnapshotSource,
  type LogBase,
  type LogStore,
  type LogWrite,
  MemoryLogStore,
  type SnapshotState,
  stateOf,
} from 'raft-ts';
import { forceRecovery } from 'raft-ts/rocksdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReplicatedClient } from '../client/client.js';
import { KeyValueMachine } from '../machine/key-value-machine.js';
import { Tally } from '../machine/tally.test.support.js';
import { Member } from './member.js';
import { MemberCluster, type TallyOptions } from './member-cluster.test.support.js';

const CUT_SOON = { everyEntries: 20, keepEntries: 5 };
/** One entry a command, so that the log grows. */
const given: Partial<TallyOptions> = {
  compaction: CUT_SOON,
  limits: { maxEntryItems: 1 },
  tickMs: 10,
};

let cluster: MemberCluster;

beforeEach(async () => {
  cluster = await MemberCluster.create(3, given);
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

async function snapshotsOf(id: number): Promise<readonly string[]> {
  return await readdir(join(cluster.directoryOf(id), 'snapshots'));
}

async function damage(path: string): Promise<void> {
  await using handle = await open(path, 'r+');
  const { size } = await handle.stat();
  await handle.write(Buffer.from([0xaa, 0x55, 0xaa]), 0, 3, size - 80);
}

/** In memory, until it fails. */
class FailingLog implements LogStore {
  readonly #log = MemoryLogStore.open();
  readonly initial = this.#log.initial;
  failure: Error | undefined;
  closed = false;

  async write(write: LogWrite): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await this.#log.write(write);
  }

  read(...range: Parameters<LogStore['read']>): ReturnType<LogStore['read']> {
    return this.#log.read(...range);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.#log.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class Receiver extends FileSnapshotReceiver {
  closed = false;

  override async close(): Promise<void> {
    this.closed = true;
    await super.close();
  }
}

async function receiver(name: string): Promise<Receiver> {
  const directory = join(cluster.directory, name);
  await mkdir(directory);
  return new Receiver({ directory, install: async () => {} });
}

function stateIn(base: LogBase | undefined): SnapshotState | undefined {
  async function* chunks() {
    yield Buffer.from('a state');
  }
  return base && stateOf(base, { chunks: chunks() });
}

describe('members with a state machine in memory', () => {
  it('carry out commands and answer queries, whichever is asked', async () => {
    await cluster.openAll();
    for (const [times, id] of cluster.ids.entries()) {
      expect(await cluster.member(id).command(['a', 2])).toBe(2 * times + 2);
      expect(await cluster.member(id).query('a')).toBe(2 * times + 2);
    }
    const addresses = cluster.ids.map((id) => cluster.listenOf(id).client);
    await using client = new ReplicatedClient({ addresses, network: new TcpRpcNetwork() });
    expect(await client.query('a')).toBe(6);
    expect(cluster.member(1).status().snapshots?.address).toBe(cluster.listenOf(1).http);
  });

  it('have all of it after all were restarted, by the newest snapshot and the log behind it', async () => {
    cluster.durableLogs = true;
    await cluster.openAll();
    await cluster.count(100, cluster.member(1));
    await cluster.untilCut();
    await cluster.count(7, cluster.member(2));
    expect(await cluster.sums()).toEqual([107, 107, 107]);
    await cluster.closeAll();
    await cluster.openAll();
    expect(await cluster.sums()).toEqual([107, 107, 107]);
    expect(cluster.ids.map((id) => cluster.tallies.get(id)?.restored)).toEqual([[1], [1], [1]]);
    await cluster.count(3, cluster.member(3));
    expect(await cluster.sums()).toEqual([110, 110, 110]);
  });

  it('go on alone by order, with all that one of them had, and hand it to who comes', async () => {
    cluster.durableLogs = true;
    await cluster.openAll();
    await cluster.count(100, cluster.member(1));
    await cluster.untilCut();
    await cluster.sums();
    await cluster.closeAll();
    const order = { clusterId: 'tallies', newClusterId: 'alone', memberId: 1, lostVoters: [2, 3] };
    const directory = cluster.directoryOf(1);
    await forceRecovery({ ...order, directory, reason: 'test' });
    const survivor = await cluster.open(1, { clusterId: 'alone' });
    await cluster.count(3, survivor);
    expect(await cluster.sums()).toEqual([103]);
    await cluster.open(4, { clusterId: 'alone', founders: {} });
    const addresses = [cluster.listenOf(1).client];
    await using client = new ReplicatedClient({ addresses, network: new TcpRpcNetwork() });
    await client.addMember(4, cluster.listenOf(4));
    expect(await cluster.sums()).toEqual([103, 103]);
    expect(cluster.tallies.get(4)?.restored).toEqual([1]);
  });

  it('bring back one that was wiped, though the log does not reach back', async () => {
    await cluster.openAll();
    await cluster.count(100, cluster.member(1));
    await cluster.untilCut();
    await cluster.close(3);
    await cluster.wipe(3);
    await cluster.count(10, cluster.member(1));
    await cluster.open(3);
    expect(await cluster.sums()).toEqual([110, 110, 110]);
    expect(cluster.tallies.get(3)?.restored).toEqual([1]);
    // What it has fetched is what it restarts from.
    await cluster.closeAll();
    await cluster.openAll();
    expect(await cluster.sums()).toEqual([110, 110, 110]);
  });

  it('ask the others where their own snapshots are damaged', async () => {
    await cluster.openAll();
    await cluster.count(100, cluster.member(1));
    await cluster.untilCut();
    await cluster.close(2);
    const files = await snapshotsOf(2);
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) await damage(join(cluster.directoryOf(2), 'snapshots', name));
    await cluster.open(2);
    expect(await cluster.sums()).toEqual([100, 100, 100]);
    const told = cluster.events.filter(({ event }) => event.type === 'snapshot-damaged');
    expect(told).toHaveLength(files.length);
    expect(await snapshotsOf(2)).not.toEqual([]);
  });

  it('take in one that comes later, and has nothing', async () => {
    await cluster.openAll();
    await cluster.count(60, cluster.member(1));
    await cluster.untilCut();
    const { founders: _, ...newcomer } = cluster.options(4);
    cluster.running.set(4, await Member.open(newcomer));
    const addresses = [cluster.listenOf(1).client];
    await using client = new ReplicatedClient({ addresses, network: new TcpRpcNetwork() });
    await client.addMember(4, newcomer.listen);
    expect(await cluster.sums()).toEqual([60, 60, 60, 60]);
  });

  it('are told of one that came back elsewhere', async () => {
    await cluster.openAll();
    await cluster.close(3);
    const [member = '', clients = '', http = ''] = await freeAddresses(3);
    const listen = { member, client: clients, http };
    await cluster.open(3, { listen });
    await eventually('the membership says so', () => {
      const { endpoints } = cluster.member(1).replica.membership;
      return JSON.stringify(endpoints[3]) === JSON.stringify(listen);
    });
    expect(await cluster.sums()).toEqual([0, 0, 0]);
  });
});

describe('a member', () => {
  it('hands over the lead when it closes', async () => {
    await cluster.openAll();
    await cluster.count(1, cluster.member(1));
    const leader = cluster.leader();
    if (leader === undefined) throw new Error('nobody leads');
    const { id, term } = leader.replica.status();
    await cluster.close(id);
    expect(await leader.stopped).toBeUndefined();
    await eventually('another one leads', () => cluster.leader() !== undefined);
    const next = cluster.leader()?.replica.status();
    expect(next?.term).toBe(term + 1);
    expect(next?.elections.at(-1)).toMatchObject({ reason: 'transfer' });
  });

  it('that closes answers what waits', async () => {
    const alone = await cluster.open(1);
    const asked = alone.command(['a', 1]).catch((error: unknown) => error);
    await alone.close();
    expect(await asked).toMatchObject({ code: 'STOPPED', outcome: 'definite' });
    await alone.close();
  });

  it('leaves nothing open when a step of opening fails', async () => {
    const error = new Error('it can not be read');
    await cluster.openAll();
    await cluster.count(100, cluster.member(1));
    await cluster.untilCut();
    await cluster.close(1);
    const broken = new Tally();
    broken.restore = () => Promise.reject(error);
    const taken = cluster.listenOf(2);
    const listen = cluster.listenOf(1);
    const failing: readonly [Partial<TallyOptions>, object][] = [
      [{ machine: broken }, error],
      [{ application: { name: 'another', version: 1 } }, { code: 'SNAPSHOT_FOREIGN' }],
      [{ limits: { maxEntryItems: 0 } }, { code: 'OPTIONS_INVALID' }],
      [{ listen: { ...listen, http: taken.http } }, { code: 'ADDRESS_UNUSABLE' }],
      [{ listen: { ...listen, client: taken.client } }, { code: 'ADDRESS_UNUSABLE' }],
      [{ listen: { ...listen, member: taken.member } }, { code: 'ADDRESS_UNUSABLE' }],
      [{ clients: { maxConnections: 0 } }, { code: 'OPTIONS_INVALID' }],
      [{ tickMs: 0 }, { code: 'OPTIONS_INVALID' }],
      [{ signal: AbortSignal.abort(error) }, error],
    ];
    for (const [options, refusal] of failing) {
      await expect(cluster.open(1, options)).rejects.toMatchObject(refusal);
    }
    // Log and ports are free, and nothing is lost.
    await cluster.open(1);
    expect(await cluster.sums()).toEqual([100, 100, 100]);
  });

  it('that can write no more stops, and closes everything', async () => {
    const listen = cluster.listenOf(1);
    const log = new FailingLog();
    const founders = { 1: listen };
    const alone = await cluster.open(1, { founders, log });
    await alone.command(['a', 1]);
    log.failure = new Error('the disk is gone');
    const lost = alone.command(['a', 1]);
    await expect(lost).rejects.toMatchObject({ code: 'STOPPED', outcome: 'unknown' });
    expect(await alone.stopped).toBe(log.failure);
    expect(log.closed).toBe(true);
    await using server = await new TcpRpcNetwork().listen(listen.client, () => {});
    expect(server.address).toBe(listen.client);
  });

  it('runs a state machine with a store of its own likewise', async () => {
    const listen = cluster.listenOf(1);
    const machine = new KeyValueMachine();
    const taking = await receiver('own');
    const member = await Member.open({
      ...cluster.options(1),
      founders: { 1: listen },
      machine: async ({ baseAt }) => {
        const take = async () => stateIn(baseAt(machine.appliedIndex));
        return { machine, supply: { take }, receiver: taking };
      },
    });
    expect(await member.command(['put', 'a', 1])).toBe(null);
    expect(await member.query(['get', 'a'])).toBe(1);
    await using source = new HttpSnapshotSource({
      clusterId: 'tallies',
      application: { name: 'tally', version: 1 },
      receiver: await receiver('another'),
      peers: () => [{ member: 1, address: listen.http }],
    });
    const { signal } = new AbortController();
    await using fetched = await source.fetch({ from: 1, index: 1 }, signal);
    expect(fetched.base.index).toBeGreaterThan(1);
    await member.close();
    expect(taking.closed).toBe(true);
  });

  it('has to say where it is reached', async () => {
    const listen = cluster.listenOf(1);
    for (const at of ['0.0.0.0:7000', '[::]:7000', '127.0.0.1:0']) {
      await expect(cluster.open(1, { listen: { ...listen, http: at } })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining('advertise'),
      });
    }
  });
});
