import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freeAddresses } from '@raft-ts/net/testing';
import { NamespaceClient } from 'inode-app';
import { EntryType, MemoryNetwork } from 'raft-ts';
import { forceRecovery } from 'raft-ts/rocksdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentsOf } from './contents.js';
import { copyFixture, expectedContents, fixtureVersions } from './fixtures.js';
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
  beforeEach(() => copyFixture(version, directory));

  it('holds what it held then, also when it is opened again', async () => {
    const data = { directory, clusterId, memberId };
    expect(await contentsOf(data)).toMatchObject(expectedContents(version));
    expect(await contentsOf(data)).toMatchObject(expectedContents(version));
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

describe('a fixture of this version', () => {
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
