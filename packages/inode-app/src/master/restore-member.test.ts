import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NamespaceClient } from '../client/namespace-client.js';
import { makeBackup, makes, makesFile } from './backup.test.support.js';
import { Master } from './master.js';
import type { MasterOptions } from './master-options.js';
import { restoreMember } from './restore-member.js';

const PATIENT_MS = 3_600_000;
const { signal: never } = new AbortController();
const COMMANDS = [makes('/a/b'), makesFile('/a/b/f'), makes('/c')];

let root: string;
let file: string;
let addresses: readonly string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'restore-member-'));
  file = join(root, 'backup');
  addresses = await freeAddresses(6);
});

afterEach(() => rm(root, { recursive: true, force: true }));

const membersOf = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    id: at + 1,
    memberAddress: addresses[at] ?? '',
    clientAddress: addresses[at + 3] ?? '',
  }));
const data = (id: number) => join(root, `member-${id}`);

function restore(id: number, count: number, more: { file?: string; clusterName?: string } = {}) {
  const founders = Object.fromEntries(
    membersOf(count).map(({ id: each, memberAddress, clientAddress }) => [
      each,
      { member: memberAddress, client: clientAddress },
    ]),
  );
  const options = { file, directory: data(id), id, clusterName: 'restored', founders, ...more };
  return restoreMember(options, never);
}

const optionsOf = (id: number, clusterId: string, members = membersOf(0)): MasterOptions => ({
  id,
  clusterId,
  directory: data(id),
  members,
});

describe('a backup', () => {
  it.each([1, 3])('becomes a cluster of %i that has its tree and goes on', async (count) => {
    await makeBackup(join(root, 'tree'), file, COMMANDS);
    const ids = membersOf(count).map(({ id }) => id);
    const made = [];
    for (const id of ids) made.push((await restore(id, count)).clusterId);
    const [clusterId = ''] = made;
    expect(new Set(made).size).toBe(1);
    for (const time of ['first', 'second']) {
      const masters = await Promise.all(ids.map((id) => Master.start(optionsOf(id, clusterId))));
      await using client = new NamespaceClient({
        addresses: membersOf(count).map(({ clientAddress }) => clientAddress),
        timeoutMs: PATIENT_MS,
      });
      expect((await client.getStatus('/a/b/f')).type).toBe('file');
      await client.mkdir(`/${time}`);
      const names = [];
      for await (const { name } of client.list('/')) names.push(name);
      expect(names).toEqual(time === 'first' ? ['a', 'c', time] : ['a', 'c', 'first', time]);
      await Promise.all(masters.map((master) => master.stop()));
    }
  });

  it('is founded by nobody who holds nothing', async () => {
    await makeBackup(join(root, 'tree'), file, COMMANDS);
    const { clusterId } = await restore(1, 3);
    const starting = Master.start(optionsOf(2, clusterId, membersOf(3)));
    await expect(starting).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('founds different clusters where files or founders differ', async () => {
    await makeBackup(join(root, 'tree'), file, COMMANDS);
    const another = join(root, 'another');
    await makeBackup(join(root, 'other tree'), another, COMMANDS.slice(1));
    const ids = new Set([
      (await restore(1, 3)).clusterId,
      (await restore(2, 3, { file: another })).clusterId,
      (await restore(3, 2).catch(() => restore(3, 3, { clusterName: 'other' }))).clusterId,
    ]);
    expect(ids.size).toBe(3);
    const [first = ''] = ids;
    const failing = restore(4, 3, { file: another, clusterName: first });
    await expect(failing).rejects.toMatchObject({ code: 'RESTORE_REFUSED' });
  });

  it('that is cut, altered, foreign or none is refused, and nothing is left', async () => {
    await makeBackup(join(root, 'tree'), file, COMMANDS);
    const bytes = await readFile(file);
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(bytes.byteLength - 400) ^ 1, bytes.byteLength - 400);
    const damaged = [bytes.subarray(0, -1), bytes.subarray(0, 100), Buffer.alloc(0), altered];
    for (const content of damaged) {
      await writeFile(file, content);
      await expect(restore(1, 1)).rejects.toMatchObject({ code: 'SNAPSHOT_DAMAGED' });
    }
    const application = { name: 'inode-app', version: 2 };
    for (const more of [{ application }, { application: { name: 'other', version: 1 } }]) {
      await rm(file);
      await makeBackup(join(root, `tree ${more.application.name}`), file, COMMANDS, more);
      await expect(restore(1, 1)).rejects.toMatchObject({ code: 'SNAPSHOT_FOREIGN' });
    }
    await rm(file);
    await expect(restore(1, 1)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(root)).not.toContain('member-1');
  });

  it('whose tree is as of another entry than it says is damaged', async () => {
    const base = { index: 9, term: 1, membership: (await made()).header.base.membership };
    await rm(file);
    await makeBackup(join(root, 'other'), file, COMMANDS, { base });
    await expect(restore(1, 1)).rejects.toMatchObject({ code: 'SNAPSHOT_DAMAGED' });
    expect(await readdir(root)).not.toContain('member-1');
  });
});

const made = () => makeBackup(join(root, 'tree'), file, COMMANDS);
