import { describe, expect, it } from 'vitest';
import { Cells } from './cells.js';

function machine() {
  const cells = new Cells();
  let index = 0;
  const apply = (command: readonly (string | number | null)[], logTimeMs = 0) =>
    cells.apply(cells.parseCommand(command), { index: ++index, logTimeMs, wallMs: 0 });
  const query = (...question: readonly string[]) => cells.query(cells.parseQuery(question));
  return { cells, apply, query };
}

describe('cells', () => {
  it('hold what was written, and compare before they set', () => {
    const { apply, query } = machine();
    expect(query('read', 'k')).toBeNull();
    expect(apply(['compare-and-set', 'k', null, 1])).toBe(true);
    expect(apply(['compare-and-set', 'k', 2, 3])).toBe(false);
    expect(query('read', 'k')).toBe(1);
    apply(['write', 'k', 5]);
    expect(query('read', 'k')).toBe(5);
  });

  it('add, and grow as lists', () => {
    const { apply, query } = machine();
    expect([apply(['add', 'c', 3]), apply(['add', 'c', 4])]).toEqual([3, 7]);
    expect([apply(['append', 'l', 'a']), apply(['append', 'l', 'b'])]).toEqual([1, 2]);
    expect(query('read', 'l')).toEqual(['a', 'b']);
    expect(query('below', 'c')).toEqual([['c', 7]]);
  });

  it('are locks that end by the time of the log, with tokens that only grow', () => {
    const { apply } = machine();
    expect(apply(['acquire', 'l', 100], 0)).toBe(1);
    expect(apply(['acquire', 'l', 100], 99)).toBeNull();
    expect(apply(['acquire', 'l', 100], 100)).toBe(2);
    expect(apply(['release', 'l', 1], 101)).toBe(false);
    expect(apply(['release', 'l', 2], 101)).toBe(true);
    expect(apply(['acquire', 'l', 100], 102)).toBe(3);
  });

  it('refuse a write in the name of an older token than the last write had', () => {
    const { apply } = machine();
    expect(apply(['guarded-write', 'l', 2])).toBe(true);
    expect(apply(['guarded-write', 'l', 1])).toBe(false);
    expect(apply(['guarded-write', 'l', 2])).toBe(true);
  });

  it('are the same after a snapshot was read', async () => {
    const { cells, apply } = machine();
    apply(['append', 'l', 'a']);
    apply(['write', 'k', 1]);
    const other = new Cells();
    await other.restore(cells.snapshot());
    expect(other.query(['below', ''])).toEqual(cells.query(['below', '']));
  });

  it('take no command or query of another form', () => {
    const { apply, query } = machine();
    expect(() => apply(['add', 'c', 'x'])).toThrow('no command');
    expect(() => apply(['drop', 'c'])).toThrow('no command');
    expect(() => query('write', 'c')).toThrow('no query');
  });
});
