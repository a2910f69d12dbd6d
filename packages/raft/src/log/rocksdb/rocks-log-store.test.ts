import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { logStoreCompliance } from '../../testing/log-store-compliance.js';
import { RocksLogStore } from './rocks-log-store.js';

const homeWith = (writeGroupBytes: number) => async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rocks-log-'));
  return {
    open: () => RocksLogStore.open({ directory, clusterId: 'c', memberId: 1, writeGroupBytes }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
};

describe('RocksLogStore', () => {
  for (const { name, run } of logStoreCompliance(homeWith(1024 * 1024))) it(name, run);
});

describe('RocksLogStore with groups that hold hardly anything', () => {
  for (const { name, run } of logStoreCompliance(homeWith(4096))) it(name, run);
});
