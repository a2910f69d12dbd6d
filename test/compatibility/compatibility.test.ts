import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freeAddresses } from '@raft-ts/net/testing';
import { NamespaceClient } from 'inode-app';
import { EntryType, MemoryNetwork } from 'raft-ts';
import { forceRecovery } from 'raft-ts/rocksdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentsOf } from './contents.js';
import { copyFixture, expectedContents, fixtureVersions, KEPT } from './fixtures.js';
import {
  inMemoryContentsOf,
  openInMemoryMember,
  writeInMemoryFixture,
} from './in-memory-fixture.js';
import { RunningMember } from './member.js';
import { FIXTURE_MEMBER, writeFixture } from './write-fixture.js';

const { clusterId, memberId } = FIXTURE_MEMBER;

let scratch: string;
let directory: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'compatibility-'));
  directory = join(scratch, 'member');
});

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

async function namesIn(client: NamespaceClient, path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of client.list(path)) names.push(name);
  return names;
}

describe.each(fixtureVersions())('the data directory that %s wrote', (version) => {
  beforeEach(() => copyFixture(version, KEPT.tree, directory));

  it('holds what it held then, also when it is opened again', async () => {
    const data = { directory, clusterId, memberId };
    expect(await contentsOf(data)).toMatchObject(expectedContents(version, KEPT.tree));
    expect(await contentsOf(data)).toMatchObject(expectedContents(version, KEPT.tree));
  });

  it('goes on: what it lacks is applied, the trash is emptied, changes are made', async () => {
    const newClusterId = `${clusterId}-recovered`;
    const order = { lostVoters: [2, 3], reason: 'only one directory was kept', atMs: 0 };
    await forceRecovery({ directory, clusterId, memberId, newClusterId, ...order });
    const [address = ''] = await freeAddresses(1);
    await using member = await RunningMember.start({
      directory,
      clusterId: newClusterId,
      memberId,
      transport: new MemoryNetwork().transport(memberId),
      initialVoters: [],
      clientAddresses: new Map([[memberId, address]]),
    });
    await eventually('it leads', () => member.leads);
    await using client = new NamespaceClient({ addresses: [address] });
    await client.rename('/projects/last', '/last');
    expect(await namesIn(client, '/')).toEqual(['last', 'projects']);
    expect(await namesIn(client, '/projects')).toEqual(['consensus', 'notes', 'read-me']);
    await eventually('the trash is empty', () => !member.machine.statistics().reclaiming);
    const { directories, files, symbolicLinks } = member.machine.statistics();
    expect({ directories, files, symbolicLinks }).toEqual({
      directories: 3,
      files: 4,
      symbolicLinks: 1,
    });
  });
});

describe.each(fixtureVersions())('the directory of a state in memory that %s wrote', (version) => {
  const kept = expectedContents(version, KEPT.inMemory);
  beforeEach(() => copyFixture(version, KEPT.inMemory, directory));

  it('holds what it held then, also when it is opened again', async () => {
    expect(await inMemoryContentsOf(directory)).toMatchObject(kept);
    expect(await inMemoryContentsOf(directory)).toMatchObject(kept);
  });

  it('goes on: from the snapshot by the log, at another address', async () => {
    await using member = await openInMemoryMember(directory);
    expect(await member.query('last')).toEqual(['put', 'behind the snapshot']);
    expect(await member.query('key 7')).toBe(7);
    expect(await member.query('removed')).toBe(null);
    expect(await member.command(['last', 'by this version'])).toEqual([
      'put',
      'behind the snapshot',
    ]);
    expect(await member.query('last')).toBe('by this version');
  });
});

describe('a fixture of this version', () => {
  it('has a snapshot, and entries that it lacks, of a state in memory', async () => {
    await writeInMemoryFixture(join(scratch, 'alone'), directory);
    const contents = await inMemoryContentsOf(directory);
    expect(contents).toMatchObject({ sessions: 1, entries: { 'key 7': 7 } });
    const { log, snapshots, entries } = contents;
    const [snapshot] = snapshots;
    expect(snapshot?.base.index).toBeGreaterThan(log.base.index);
    expect(snapshot?.base.index).toBeLessThan(log.lastIndex);
    expect(entries).not.toHaveProperty('last');
  });

  it('holds everything that one has to', async () => {
    await writeFixture(join(scratch, 'cluster'), directory);
    expect(await contentsOf({ directory, clusterId, memberId })).toMatchObject({
      log: {
        hardState: { votedFor: 1, recovery: 0 },
        base: { membership: { configuration: { voters: [1, 2, 3] } } },
        termRuns: expect.toSatisfy((runs: unknown) => Array.isArray(runs) && runs.length >= 3),
        entries: expect.arrayContaining([
          membershipEntry({ transition: 'auto', changes: [expect.objectContaining({ id: 4 })] }),
          membershipEntry({ transition: 'explicit' }),
          membershipEntry({ changes: [] }),
          expect.objectContaining({ type: EntryType.Empty }),
          expect.objectContaining({ type: EntryType.Command }),
        ]),
      },
      store: { sessions: 2, counts: { symbolicLinks: 1, reclaiming: true } },
    });
  });
});

function membershipEntry(change: object): unknown {
  const data = { kind: 'change', change: expect.objectContaining(change) };
  return expect.objectContaining({ type: EntryType.Membership, data });
}
