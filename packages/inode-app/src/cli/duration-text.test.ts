import { expect, it } from 'vitest';
import { durationText } from './duration-text.js';

it.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [12_345, '12 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90_000_000, '1 d 1 h'],
  [2 ** 31 - 1, '24 d 20 h'],
])('%s milliseconds are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
