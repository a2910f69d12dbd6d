import { expect, it } from 'vitest';
import { Random } from '../random.js';
import { NumberedKeys } from './numbered-keys.js';

const OPTIONS = { clients: 3, members: 3, calls: 100 };

it('gives each element once, and each key so many of them, until none is left', () => {
  const keys = new NumberedKeys(OPTIONS, 20);
  const given = Array.from({ length: 200 }, () => keys.next());
  expect(new Set(given.map(({ element }) => element)).size).toBe(200);
  const of = (key: string) => given.filter((each) => each.key === key).length;
  expect(keys.all.slice(0, -1).map(of)).toEqual(keys.all.slice(0, -1).map(() => 20));
  expect(of(keys.all.at(-1) ?? '')).toBe(200 - 20 * (keys.count - 1));
});

it('reads keys that have elements, or will have some', () => {
  const keys = new NumberedKeys(OPTIONS, 20);
  const random = new Random(1);
  for (let at = 0; at < 150; at++) {
    keys.next();
    expect(keys.all).toContain(keys.recent(random));
  }
});
