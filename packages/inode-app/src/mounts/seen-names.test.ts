import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byteString } from '../namespace/tree/byte-string.js';
import { MAX_EXACT_NAMES, SeenNames, TooManyNamesError } from './seen-names.js';

function counted(): () => number {
  let at = 0;
  return () => {
    at = (at * 0.7 + 0.1234567) % 1;
    return at;
  };
}

const nameOf = (number: number) => byteString(`part-${number}.parquet`);

it('tells what is new from what it has seen, exactly as long as they are few', () => {
  const name = fc.array(fc.constantFrom('a', 'b', '\xff'), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 200 }), (names) => {
      const seen = new SeenNames(counted());
      const known = new Set<string>();
      for (const characters of names) {
        const bytes = byteString(characters.join(''));
        expect(seen.has(bytes)).toBe(known.has(bytes));
        expect(seen.add(bytes)).toBe(!known.has(bytes));
        known.add(bytes);
      }
      expect(seen.size).toBe(known.size);
    }),
  );
});

it('goes on with hashes where they are many, and forgets none', () => {
  const seen = new SeenNames(counted());
  const many = MAX_EXACT_NAMES + 10;
  for (let number = 0; number < many; number += 1) {
    expect(seen.add(nameOf(number))).toBe(true);
    expect(seen.size).toBe(number + 1);
    expect(seen.add(nameOf(number))).toBe(false);
  }
  for (let number = 0; number < many; number += 1) expect(seen.has(nameOf(number))).toBe(true);
  expect(seen.has(nameOf(many))).toBe(false);
});

it('keeps a million names in 15 bytes each', () => {
  const count = 1_000_000;
  const seen = new SeenNames(counted());
  let wrong = 0;
  for (let number = 0; number < count; number += 1) if (!seen.add(nameOf(number))) wrong += 1;
  for (let number = 0; number < count; number += 1) {
    if (!seen.has(nameOf(number)) || seen.has(nameOf(count + number))) wrong += 1;
  }
  expect(wrong).toBe(0);
  expect(seen.size).toBe(count);
  expect(seen.hashBytes / count).toBeGreaterThan(8);
  expect(seen.hashBytes / count).toBeLessThanOrEqual(15);
});

it('says so when a listing brings more names than it can keep', () => {
  for (const maxNames of [3, MAX_EXACT_NAMES + 3]) {
    const seen = new SeenNames(counted(), { maxNames });
    for (let number = 0; number < maxNames; number += 1) seen.add(nameOf(number));
    expect(seen.add(nameOf(0))).toBe(false);
    expect(() => seen.add(nameOf(maxNames))).toThrow(TooManyNamesError);
    expect(() => seen.add(nameOf(maxNames))).toThrow(`more than ${maxNames} entries`);
    expect(seen.size).toBe(maxNames);
    expect(seen.has(nameOf(maxNames))).toBe(false);
  }
});
