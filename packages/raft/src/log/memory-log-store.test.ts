import { describe, it } from 'vitest';
import { logStoreCompliance } from '../testing/log-store-compliance.js';
import { MemoryLogDisk, MemoryLogStore } from './memory-log-store.js';

describe('MemoryLogStore', () => {
  const createHome = async () => {
    const disk = new MemoryLogDisk();
    return { open: async () => MemoryLogStore.open(disk), remove: async () => {} };
  };
  for (const { name, run } of logStoreCompliance(createHome)) it(name, run);
});
