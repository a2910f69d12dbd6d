import { describe, expect, it } from 'vitest';
import { Costs, MemoryShare } from './costs.js';
import { NO_STATE, StateTable } from './state-table.js';

/** Many states have the same hash, also those that differ. */
const MODEL = {
  equal: (a: string, b: string) => a === b,
  hash: (state: string) => state.length,
  stateBytes: () => 100,
};

describe('StateTable', () => {
  it('gives equal states the same number, and others another', () => {
    const table = new StateTable(MODEL, new MemoryShare(new Costs(1_000_000)));
    const states = Array.from({ length: 500 }, (_, i) => String(i));
    expect(states.map((state) => table.numberOf(state))).toEqual([...states.keys()]);
    expect(states.map((state) => table.numberOf(state))).toEqual([...states.keys()]);
    expect(table.state(123)).toBe('123');
  });

  it('keeps no more than there is memory for', () => {
    const table = new StateTable(MODEL, new MemoryShare(new Costs(300)));
    expect([table.numberOf('a'), table.numberOf('b'), table.numberOf('c')]).toEqual([
      0,
      1,
      NO_STATE,
    ]);
    expect(table.numberOf('b')).toBe(1);
  });
});
