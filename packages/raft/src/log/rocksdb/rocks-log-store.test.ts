import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { logStoreCompliance } from '../../testing/log-store-compliance.js';
import { RocksLogStore } from './rocks-log-store.js';

async function newHome() {
  const directory = await mkdtemp(join(tmpdir(), 'rocks-log-'));
  return {
    open: () => RocksLogStore.open({ directory, clusterId: 'c', memberId: 1 }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

describe('RocksLogStore', () => {
  for (const { name, run } of logStoreCompliance(newHome)) it(name, run);
});
