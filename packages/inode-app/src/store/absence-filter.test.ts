import { describe, expect, it } from 'vitest';
import { byteString } from '../namespace/tree/byte-string.js';
import { edgeKey } from '../namespace/tree/edge.js';
import { AbsenceFilter } from './absence-filter.js';

const edge = (parentId: number, name: string) => edgeKey(parentId, byteString(name));

describe('the filter of absent names', () => {
  it('never excludes a name that is there, and most that are not', () => {
    const filter = new AbsenceFilter(16 * 1024);
    const directory = 2 ** 40 + 5;
    filter.directoryEmpty(directory);
    for (let n = 0; n < 13_000; n += 1) filter.added(edge(directory, `name-${n}`));
    let unrecognised = 0;
    for (let n = 0; n < 13_000; n += 1) {
      expect(filter.excludes(edge(directory, `name-${n}`))).toBe(false);
      if (!filter.excludes(edge(directory, `other-${n}`))) unrecognised += 1;
    }
    expect(unrecognised).toBeLessThan(13_000 * 0.05);
  });

  it('knows nothing of directories that had entries before', () => {
    const filter = new AbsenceFilter(64);
    expect(filter.excludes(edge(7, 'a'))).toBe(false);
    filter.added(edge(7, 'b'));
    expect(filter.excludes(edge(7, 'a'))).toBe(false);
  });

  it('starts anew when it is full, without a wrong answer', () => {
    const filter = new AbsenceFilter(64);
    filter.directoryEmpty(7);
    for (let n = 0; n < 1000; n += 1) {
      filter.added(edge(7, `${n}`));
      for (let m = 0; m <= n; m += 50) expect(filter.excludes(edge(7, `${m}`))).toBe(false);
    }
    filter.directoryEmpty(8);
    expect(filter.excludes(edge(8, 'a'))).toBe(true);
  });
});
