import { expect, it } from 'vitest';
import { connectionsWithin, openFileLimit, parseOpenFileLimit } from './open-files.js';

const limits = (
  soft: string,
) => `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            ${soft.padEnd(20)} 524288               files
Max locked memory         8388608              8388608              bytes
`;

it('reads how many files a process may open, and takes 1,024 for what it does not understand', () => {
  expect(parseOpenFileLimit(limits('20000'))).toBe(20_000);
  expect(parseOpenFileLimit(limits('unlimited'))).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseOpenFileLimit(limits('many'))).toBe(1_024);
  expect(parseOpenFileLimit('')).toBe(1_024);
  expect(openFileLimit()).toBeGreaterThanOrEqual(64);
});

it('leaves a tenth, and 192 at least, to others', () => {
  expect(connectionsWithin(20_000)).toBe(18_000);
  expect(connectionsWithin(1_024)).toBe(832);
  expect(connectionsWithin(256)).toBe(64);
  expect(connectionsWithin(100)).toBe(1);
  expect(connectionsWithin(20_000, 5_000)).toBe(15_000);
});
