import { expect, it } from 'vitest';
import { byteString } from '../../namespace/tree/byte-string.js';
import { argumentOptions, argumentSyncInterval } from './mount-arguments.js';

it.each([
  ['-1', -1],
  ['0', 0],
  ['60000', 60_000],
  ['2147483647', 2_147_483_647],
])('takes %s as a sync interval', (text, interval) => {
  expect(argumentSyncInterval(text)).toBe(interval);
});

it.each(['', '-2', '1.5', '1s', '2147483648', ' 1', 'inherit'])(
  'refuses "%s" as a sync interval',
  (text) => {
    expect(() => argumentSyncInterval(text)).toThrow(/is no interval of -1/);
  },
);

it('takes options as names with values, which may hold anything', () => {
  expect(argumentOptions(['endpoint=http://a/?b=c', 'empty='])).toEqual([
    ['endpoint', 'http://a/?b=c'],
    ['empty', ''],
  ]);
  expect(argumentOptions([])).toEqual([]);
  expect(argumentOptions(['__proto__=x', 'ä=ö'])).toEqual([
    ['__proto__', 'x'],
    [byteString('\xc3\xa4'), byteString('\xc3\xb6')],
  ]);
});

it.each([
  [['a'], '"a" is no option: write NAME=VALUE'],
  [['=b'], '"=b" is no option: write NAME=VALUE'],
  [['a=1', 'a=2'], 'the option a is given twice'],
  [Array.from({ length: 33 }, (_, at) => `o${at}=x`), 'at most 32 options, not 33'],
])('refuses %j', (texts, reason) => {
  expect(() => argumentOptions(texts)).toThrow(reason);
});
