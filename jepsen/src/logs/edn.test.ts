import { describe, expect, it } from 'vitest';
import { type Edn, EdnReader, ednOf } from './edn.js';

function readAll(text: string): readonly Edn[] {
  const reader = new EdnReader(text);
  const values: Edn[] = [];
  for (let value = reader.next(); value !== undefined; value = reader.next()) values.push(value);
  return values;
}

describe('EdnReader', () => {
  it('reads what histories are written in', () => {
    const text =
      '; a comment\n nil true, -12 3N 1.5e3 2M :a/b word "a\\n\\u0041\\"" \\space \\x #_ [9] #{1} (2 [])';
    const symbols = [null, true, -12, 3, 1500, 2, { keyword: 'a/b' }, 'word'];
    expect(readAll(text)).toEqual([...symbols, 'a\nA"', ' ', 'x', [1], [2, []]]);
    expect(readAll('#jepsen.history.Op{:index 0, "k" #inst "2020"}')).toEqual([
      {
        at: 18,
        entries: [
          [{ keyword: 'index' }, 0],
          ['k', '2020'],
        ],
      },
    ]);
    expect(readAll('')).toEqual([]);
    // As numbers these would be the same.
    expect(readAll('9007199254740992 9007199254740993N')).toEqual([
      '9007199254740992',
      '9007199254740993',
    ]);
  });

  it('reads what ednOf wrote', () => {
    const value: Edn = [null, false, -1.5, 'a "b"\n', { keyword: 'k' }, [1, ['x']]];
    expect(readAll(ednOf(value))).toEqual([value]);
    expect(
      ednOf({
        entries: [
          [{ keyword: 'a' }, [1, 2]],
          ['b', null],
        ],
      }),
    ).toBe('{:a [1 2], "b" nil}');
  });

  it.each([
    ['\n[1 2', 'line 2: there is no ] for ['],
    ['{:a}', 'line 1: a map has a key without a value'],
    ['"abc', 'line 1: a string has no end'],
    ['\n\n12x', 'line 3: no EDN: 12x'],
    [']', 'line 1: no EDN: ]'],
    ['#_', 'line 1: the text ends within a value'],
    ['['.repeat(100), 'line 1: values are nested deeper than 64'],
  ])('refuses %j', (text, message) => {
    const invalid = { code: 'LOG_INVALID', message: expect.stringContaining(message) };
    expect(() => readAll(text)).toThrow(expect.objectContaining(invalid));
  });
});
