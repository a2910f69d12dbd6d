import { expect, it } from 'vitest';
import type { Mount } from '../namespace/mounts/mount.js';
import { byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { ManualClock } from './manual-clock.test.support.js';
import { SyncJobs } from './sync-jobs.js';

const mount: Mount = {
  id: 2,
  path: byteString('/m'),
  uri: byteString('file:///m'),
  place: byteString('file:///m'),
  profile: NO_BYTES,
  readOnly: false,
  shared: false,
  syncIntervalMs: -1,
  options: [],
  intervals: [],
};

it('does not take the look of somebody else for one that was begun under a former leader', () => {
  // Looks that do not end.
  const looks = { lookUp: async () => {}, beginAnew: () => new Promise<never>(() => {}) };
  const tree = () => {
    throw new Error('nobody looks into the tree');
  };
  const { signal } = new AbortController();
  const jobs = new SyncJobs({ looks, tree, clock: new ManualClock(), signal });
  const path = byteString('/m/a');
  const job = jobs.begin(mount, path, true);
  const number = job?.progress.job ?? 0;
  expect(jobs.get(number, path, true)).toBe(job);
  expect(jobs.get(number, byteString('/m/b'), true)).toBeUndefined();
  expect(jobs.get(number, path, false)).toBeUndefined();
  expect(jobs.get(number + 1, path, true)).toBeUndefined();
});
