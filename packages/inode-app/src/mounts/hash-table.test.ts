import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashTable } from './hash-table.js';

it('holds what was added, wherever in the table it falls', () => {
  // Few halves, so that many hashes share one; the ends of the table, so that probes go round.
  const half = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(2 ** 31, 2 ** 32 - 1));
  const hash = fc.tuple(half, half);
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 100 }), (hashes) => {
      const table = new HashTable();
      const known = new Set<string>();
      for (const [low, high] of hashes) {
        // A low half of 0 counts as 1.
        const key = `${low || 1} ${high}`;
        expect(table.has(low, high)).toBe(known.has(key));
        expect(table.add(low, high)).toBe(!known.has(key));
        known.add(key);
        expect(table.has(low, high)).toBe(true);
        expect(table.size).toBe(known.size);
      }
    }),
  );
});

it('grows without losing one, though all begin at one slot', () => {
  const table = new HashTable();
  for (let low = 1; low <= 7_000; low += 1) expect(table.add(low, 2 ** 32 - 1)).toBe(true);
  for (let low = 1; low <= 7_000; low += 1) expect(table.has(low, 2 ** 32 - 1)).toBe(true);
  expect(table.has(7_001, 2 ** 32 - 1)).toBe(false);
  expect(table.bytes).toBe(8 * 12_288);
});
