import { array, assert, constantFrom, integer, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotMap } from './snapshot-map.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const sorted = (entries: Iterable<readonly [string, number]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

describe('a SnapshotMap', () => {
  it('gives the entries of a moment, each once, whatever happens meanwhile', () => {
    const key = constantFrom(...KEYS);
    const step = oneof(
      tuple(constantFrom('set' as const), key, integer()),
      tuple(constantFrom('delete' as const), key),
      tuple(constantFrom('clear' as const)),
      tuple(constantFrom('begin' as const)),
      tuple(constantFrom('read' as const), integer({ min: 0, max: 3 })),
    );
    const holds = property(array(step, { maxLength: 60 }), (steps) => {
      const map = new SnapshotMap<string, number>();
      const model = new Map<string, number>();
      const moments: {
        readonly expected: readonly (readonly [string, number])[];
        readonly entries: IterableIterator<readonly [string, number]>;
        readonly read: (readonly [string, number])[];
      }[] = [];
      for (const step of steps) {
        if (step[0] === 'set') {
          map.set(step[1], step[2]);
          model.set(step[1], step[2]);
        } else if (step[0] === 'delete') {
          expect(map.delete(step[1])).toBe(model.delete(step[1]));
        } else if (step[0] === 'clear') {
          map.clear();
          model.clear();
        } else if (step[0] === 'begin') {
          moments.push({ expected: sorted(model), entries: map.moment(), read: [] });
        } else {
          const moment = moments[step[1]];
          const next = moment?.entries.next();
          if (next?.done === false) moment?.read.push(next.value);
        }
        expect(sorted(map)).toEqual(sorted(model));
        expect(map.size).toBe(model.size);
      }
      for (const { expected, entries, read } of moments) {
        for (const entry of entries) read.push(entry);
        expect(sorted(read)).toEqual(expected);
      }
      expect(map.moments).toBe(0);
    });
    assert(holds, { numRuns: 500 });
  });

  it('keeps nothing for a moment that is not read to its end', () => {
    const map = new SnapshotMap<string, number>();
    map.set('a', 1);
    map.moment().return?.();
    for (const _ of map.moment()) break;
    expect(map.moments).toBe(0);
    expect([map.get('a'), map.has('a'), map.has('b')]).toEqual([1, true, false]);
  });
});
