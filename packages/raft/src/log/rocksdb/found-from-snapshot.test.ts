import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { found } from '../../replica/founding.js';
import { HEADER, largeRows, snapshotOf } from '../../snapshot/snapshot.test.support.js';
import { MemoryLogStore } from '../memory-log-store.js';
import { type FoundFromSnapshotOptions, foundFromSnapshot } from './found-from-snapshot.js';
import { RocksLogStore } from './rocks-log-store.js';

const FOUNDERS = { 4: { member: 'a:1', client: 'a:2' }, 5: { member: 'b:1', client: 'b:2' } };
const { manifest } = snapshotOf(HEADER, largeRows(2, 2));
const { manifest: another } = snapshotOf(HEADER, largeRows(3, 2));

let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'found-from-snapshot-'));
  directory = join(root, 'member');
});

afterEach(() => rm(root, { recursive: true }));

const writeState = async (target: string) => {
  await mkdir(join(target, 'state'));
  await writeFile(join(target, 'state', 'all'), 'of it');
};
const options = (more: Partial<FoundFromSnapshotOptions> = {}): FoundFromSnapshotOptions => ({
  directory,
  memberId: 4,
  clusterName: 'c',
  founders: FOUNDERS,
  manifest,
  writeState,
  ...more,
});
const names = async () => (await readdir(directory)).sort();
const refused = expect.objectContaining({ code: 'RESTORE_REFUSED' });

describe('a member that is founded from a snapshot', () => {
  it('begins behind it, with the founders as its members', async () => {
    const clusterId = await foundFromSnapshot(options());
    expect(await names()).toEqual(['identity', 'log', 'mark', 'state']);
    await using log = await RocksLogStore.open({ directory, clusterId, memberId: 4 });
    const { base, hardState, lastIndex } = log.initial;
    expect(hardState).toEqual({ term: 3, votedFor: 0, commit: 7, recovery: 0 });
    expect([base.index, base.term, lastIndex]).toEqual([7, 3, 7]);
    const { configuration, endpoints, index, unheard } = base.membership;
    expect(configuration).toMatchObject({ voters: [4, 5], outgoing: [], learners: [] });
    expect({ endpoints, index, unheard }).toEqual({
      endpoints: FOUNDERS,
      index: 7,
      unheard: [4, 5],
    });
  });

  it('is of a cluster that only founders who agree are of', async () => {
    const id = async (more: Partial<FoundFromSnapshotOptions>) => {
      await rm(directory, { recursive: true, force: true });
      return await foundFromSnapshot(options(more));
    };
    const first = await id({});
    expect(first).toMatch(/^c\.restored-[0-9a-f]{16}$/);
    const reordered = { 5: FOUNDERS[5], 4: FOUNDERS[4] };
    expect(await id({ memberId: 5, founders: reordered })).toBe(first);
    expect(await id({ clusterName: first })).toBe(first);
    const others = await Promise.all([id({ manifest: another }).catch(() => undefined)]);
    others.push(await id({ founders: { 4: FOUNDERS[4] } }));
    others.push(await id({ founders: { ...FOUNDERS, 5: { member: 'b:1', client: 'b:3' } } }));
    expect(new Set([first, ...others]).size).toBe(4);
    await rm(directory, { recursive: true });
    for (const more of [{ manifest: another }, { founders: { 4: FOUNDERS[4] } }]) {
      const failing = foundFromSnapshot(options({ clusterName: first, ...more }));
      await expect(failing).rejects.toEqual(refused);
    }
    expect(await readdir(root)).toEqual([]);
  });

  it('founds nothing beside those with nothing', async () => {
    const clusterId = await foundFromSnapshot(options());
    const starting = found({
      id: 5,
      clusterId,
      initialVoters: [4, 5],
      log: MemoryLogStore.open(),
      applier: { appliedIndex: 0 },
    });
    await expect(starting).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('is put into an empty directory alone', async () => {
    await mkdir(join(directory, 'lost+found'), { recursive: true });
    await foundFromSnapshot(options());
    const before = await names();
    await expect(foundFromSnapshot(options())).rejects.toEqual(refused);
    expect(await names()).toEqual(before);
    await rm(directory, { recursive: true });
    await mkdir(join(directory, '.restoring'), { recursive: true });
    await expect(foundFromSnapshot(options())).rejects.toThrow('interrupted');
    await expect(foundFromSnapshot(options({ memberId: 6 }))).rejects.toEqual(refused);
  });

  it('is not disturbed by another one in the same directory at the same time', async () => {
    for (const isThere of [false, true]) {
      await rm(directory, { recursive: true, force: true });
      if (isThere) await mkdir(directory);
      const both = await Promise.allSettled([
        foundFromSnapshot(options()),
        foundFromSnapshot(options()),
      ]);
      const [refusal, ...others] = both.filter(({ status }) => status === 'rejected');
      expect(others).toEqual([]);
      expect(refusal).toMatchObject({ reason: refused });
      expect(await names()).toEqual(['identity', 'log', 'mark', 'state']);
    }
  });

  it('that fails leaves its directory as it was', async () => {
    const failures: Partial<FoundFromSnapshotOptions>[] = [
      {
        writeState: async (target) => {
          await writeState(target);
          throw new Error('cut');
        },
      },
      { signal: AbortSignal.abort(new Error('cut')) },
      // A name that can't be moved into its place.
      {
        writeState: async (target) => {
          await writeState(target);
          await mkdir(join(directory, 'state', 'in its place'), { recursive: true });
          await writeFile(join(target, 'cut'), '');
          await rm(join(target, 'state'), { recursive: true });
          await writeFile(join(target, 'state'), 'a file takes the place of no directory');
        },
      },
    ];
    for (const more of failures) {
      await expect(foundFromSnapshot(options(more))).rejects.toThrow();
      await rm(join(directory, 'state'), { recursive: true, force: true });
      const left = await readdir(root);
      if (left.length > 0) expect(await names()).toEqual([]);
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('is no member, and nobody begins anew in its place, while it is half made', async () => {
    const open = () => RocksLogStore.open({ directory, clusterId: 'c', memberId: 4 });
    const half = async () => {
      await expect(open()).rejects.toMatchObject({
        code: 'LOG_FOREIGN',
        message: expect.stringContaining('empty it and restore again'),
      });
    };
    await foundFromSnapshot(
      options({
        writeState: async (target) => {
          await half();
          await writeState(target);
        },
      }),
    );
    // As a process that was killed before the last name was in its place leaves it.
    await mkdir(join(directory, '.restoring'));
    await rename(join(directory, 'identity'), join(directory, '.restoring', 'identity'));
    await half();
  });

  it('is no member until its last name is in its place', async () => {
    const clusterId = await foundFromSnapshot(options());
    // As a process that was killed before that leaves it.
    await rm(join(directory, 'identity'));
    const opening = RocksLogStore.open({ directory, clusterId, memberId: 4, onDamage: 'replace' });
    await expect(opening).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});
