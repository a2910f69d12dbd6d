import { describe, expect, it } from 'vitest';
import { Configurations, DOMINATED, NO_MEMORY, NONE } from './configurations.js';
import { Costs, MemoryShare } from './costs.js';

function configurations(maxBytes = 1_000_000): Configurations {
  return new Configurations(40, 40, new MemoryShare(new Costs(maxBytes)));
}

function add(
  all: Configurations,
  low: number,
  state: number,
  placed: readonly number[],
  used: readonly number[],
): number {
  all.low = low;
  all.state = state;
  all.placed.set(placed);
  all.used.set(used);
  return all.add(NONE, 0);
}

describe('Configurations', () => {
  it('keeps one that is new, and gives it back', () => {
    const all = configurations();
    const first = add(all, 3, 4, [1, 2], [0, 5]);
    const second = add(all, 3, 4, [1, 3], [0, 5]);
    expect([first, second]).toEqual([0, 1]);
    all.load(first);
    expect([all.low, all.state, [...all.placed], [...all.used]]).toEqual([3, 4, [1, 2], [0, 5]]);
    expect(all.isPlaced(second, 32)).toBe(true);
    expect(all.isPlaced(first, 32)).toBe(false);
    expect(all.isUsed(first, 34)).toBe(true);
    expect(all.isUsed(first, 33)).toBe(false);
  });

  it('needs none that used what another used, and more', () => {
    const all = configurations();
    add(all, 3, 4, [1, 0], [3, 0]);
    expect(add(all, 3, 4, [1, 0], [3, 0])).toBe(DOMINATED);
    expect(add(all, 3, 4, [1, 0], [7, 0])).toBe(DOMINATED);
    expect(add(all, 3, 4, [1, 0], [3, 1])).toBe(DOMINATED);
    expect(add(all, 3, 4, [1, 0], [4, 0])).toBe(1);
    expect(add(all, 3, 4, [1, 0], [1, 0])).toBe(2);
    expect(add(all, 3, 5, [1, 0], [7, 0])).toBe(3);
    expect(add(all, 2, 4, [1, 0], [7, 0])).toBe(4);
    expect(add(all, 3, 4, [2, 0], [7, 0])).toBe(5);
  });

  it('forgets one that used more, and none beside it', () => {
    const all = configurations();
    for (const used of [1, 10, 4]) add(all, 3, 4, [1, 0], [used, 0]);
    expect(add(all, 3, 4, [1, 0], [2, 0])).toBe(3);
    for (const used of [17, 18, 20]) expect(add(all, 3, 4, [1, 0], [used, 0])).toBe(DOMINATED);
  });

  it('finds them again when there are many', () => {
    const all = configurations();
    for (let i = 0; i < 1000; i++) expect(add(all, i % 7, i, [i, 0], [1, 0])).toBe(i);
    for (let i = 0; i < 1000; i++) expect(add(all, i % 7, i, [i, 0], [1, 1])).toBe(DOMINATED);
    for (let i = 0; i < 1000; i++) expect(add(all, i % 7, i, [i, 0], [2, 0])).toBe(1000 + i);
  });

  it('keeps no more than there is memory for', () => {
    const capacities = [5_000, 10_000, 20_000].map((maxBytes) => {
      const all = configurations(maxBytes);
      let kept = 0;
      while (add(all, 0, kept, [0, 0], [0, 0]) !== NO_MEMORY) kept += 1;
      return kept;
    });
    expect(capacities).toEqual([64, 128, 256]);
  });
});
