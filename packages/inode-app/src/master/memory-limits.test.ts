import { expect, it } from 'vitest';
import { heapMebibytes, LEAST_MEMORY_BYTES, treeMemory } from './memory-limits.js';

const MEBIBYTE = 1024 * 1024;
const least = treeMemory(LEAST_MEMORY_BYTES);

it('gives the tree all that a master has beyond the least, and no more', () => {
  for (const mebibytes of [400, 401, 512, 1000, 4096, 65_536]) {
    const memoryBytes = mebibytes * MEBIBYTE;
    const { inodeCacheBytes, absenceFilterBytes, blockCacheBytes } = treeMemory(memoryBytes);
    const more = memoryBytes - LEAST_MEMORY_BYTES;
    // What the heap holds of inodes takes twice that until it is collected.
    const taken =
      2 * (inodeCacheBytes - least.inodeCacheBytes) +
      (absenceFilterBytes - least.absenceFilterBytes) +
      (blockCacheBytes - least.blockCacheBytes);
    expect(taken).toBeLessThanOrEqual(more);
    expect(taken).toBeGreaterThanOrEqual(more * 0.8 - MEBIBYTE);
    expect(Math.log2(absenceFilterBytes) % 1).toBe(0);
    const heapBytes = (heapMebibytes(memoryBytes) - heapMebibytes(LEAST_MEMORY_BYTES)) * MEBIBYTE;
    expect(heapBytes).toBeGreaterThanOrEqual(
      2 * (inodeCacheBytes - least.inodeCacheBytes) - MEBIBYTE,
    );
    expect(heapBytes).toBeLessThanOrEqual(more);
  }
});
