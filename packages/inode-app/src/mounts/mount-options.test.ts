import { expect, it } from 'vitest';
import { byteString } from '../namespace/tree/byte-string.js';
import { splitOptions } from './mount-options.js';

const given = (options: Readonly<Record<string, string>>) =>
  splitOptions(
    Object.entries(options).map(([name, value]) => [byteString(name), byteString(value)]),
  );

it('options of a mount go to whom they are about', () => {
  expect(given({ region: 'x', maxConcurrent: '4', requestTimeoutMs: '500' })).toEqual({
    driver: { region: 'x' },
    access: { maxConcurrent: 4, requestTimeoutMs: 500 },
  });
});

it.each([
  ['maxConcurrent', '0'],
  ['maxConcurrent', '1025'],
  ['maxConcurrent', '1e2'],
  ['requestTimeoutMs', '99'],
  ['requestTimeoutMs', '-1'],
  ['requestTimeoutMs', ''],
])('the option %s can not be "%s"', (name, value) => {
  expect(() => given({ [name]: value })).toThrow(`the option ${name} must be`);
});
