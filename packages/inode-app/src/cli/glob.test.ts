import { describe, expect, it } from 'vitest';
import { byteString } from '../namespace/tree/byte-string.js';
import { globMatcher } from './glob.js';

function matches(pattern: string, name: string): boolean | undefined {
  return globMatcher(byteString(pattern))?.(byteString(name));
}

describe('globMatcher', () => {
  it.each([
    ['*.ts', 'a.ts', true],
    ['*.ts', 'a.tsx', false],
    ['*', '', true],
    ['*', 'a\nb', true],
    ['a**b', 'ab', true],
    ['?', 'x', true],
    ['?', '\xc3\xa9', true],
    ['?', '\xff', true],
    ['??', '\xc3\xa9', true],
    ['?', 'xy', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]]', ']', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a.b', 'axb', false],
    ['(a|b)', '(a|b)', true],
    ['{a}+$', '{a}+$', true],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it('refuses a pattern without its end', () => {
    for (const pattern of ['[abc', 'a\\', '[z-a]']) {
      expect(globMatcher(byteString(pattern))).toBeUndefined();
    }
  });
});
