import { describe, expect, it } from 'vitest';
import { KeyValueMachine } from './key-value-machine.js';

async function contents(machine: KeyValueMachine): Promise<unknown> {
  return machine.query(['list', '', 100]);
}

describe('KeyValueMachine', () => {
  it('carries out its commands', async () => {
    const machine = new KeyValueMachine();
    const apply = (...command: Parameters<KeyValueMachine['apply']>[0]) => machine.apply(command);
    expect(apply('put', 'a', { deep: [1, 'x'] })).toBe(null);
    expect(apply('put', 'a', 2)).toEqual({ deep: [1, 'x'] });
    expect(apply('add', 'a', 3)).toBe(5);
    expect(apply('add', 'b', 1)).toBe(1);
    expect(apply('compare-and-set', 'b', 2, 'no')).toBe(false);
    expect(apply('compare-and-set', 'b', 1, 'yes')).toBe(true);
    expect(apply('compare-and-set', 'c', null, 'new')).toBe(true);
    expect(apply('delete', 'a')).toBe(5);
    expect(apply('delete', 'a')).toBe(null);
    machine.commit(1, []);
    expect(await contents(machine)).toEqual([
      ['b', 'yes'],
      ['c', 'new'],
    ]);
  });

  it('lists in the order of the bytes of keys, behind one of them, and no more than asked', async () => {
    const machine = new KeyValueMachine();
    for (const key of ['é', 'b', '', '\u{10000}', '\uffff', 'a']) machine.apply(['put', key, key]);
    machine.commit(1, []);
    const keys = async (after: string, limit: number) =>
      ((await machine.query(['list', after, limit])) as [string, unknown][]).map(([key]) => key);
    expect(await keys('', 10)).toEqual(['a', 'b', 'é', '\uffff', '\u{10000}']);
    expect(await keys('b', 2)).toEqual(['é', '\uffff']);
    expect(await keys('b', -1)).toEqual([]);
  });

  it('is found again on its rows as of the last commit', async () => {
    const rows = new Map<string, Uint8Array>();
    const first = new KeyValueMachine(rows);
    first.apply(['put', 'a', 1]);
    first.commit(7, [{ key: Buffer.from('00ff', 'hex'), value: Buffer.from('x') }]);
    first.apply(['put', 'a', 2]);
    const second = new KeyValueMachine(rows);
    expect(second.appliedIndex).toBe(7);
    expect(await contents(second)).toEqual([['a', 1]]);
    const framework: [string, string][] = [];
    for await (const { key, value } of second.frameworkRows()) {
      framework.push([Buffer.from(key).toString('hex'), Buffer.from(value).toString()]);
    }
    expect(framework).toEqual([['00ff', 'x']]);
    const copy = new Map(rows);
    second.commit(8, [{ key: Buffer.from('00ff', 'hex'), value: undefined }]);
    expect(rows.size).toBe(copy.size - 1);
  });

  it('refuses what it does not know', () => {
    const machine = new KeyValueMachine();
    for (const value of [
      null,
      'put',
      [],
      ['put', 'a'],
      ['put', 7, 1],
      ['put', 'x'.repeat(1025), 1],
      ['add', 'a', 1.5],
      ['delete', 'a', 1],
      ['compare-and-set', 'a', 1],
      ['get', 'a'],
    ]) {
      expect(() => machine.parseCommand(value)).toThrow(
        expect.objectContaining({ code: 'INVALID_COMMAND' }),
      );
    }
    for (const value of [null, ['get'], ['get', 1], ['list', 'a', 'x'], ['put', 'a', 1]]) {
      expect(() => machine.parseQuery(value)).toThrow(
        expect.objectContaining({ code: 'INVALID_QUERY' }),
      );
    }
  });
});
