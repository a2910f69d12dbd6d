import { expect, it } from 'vitest';
import { RaftError } from '../../errors.js';
import { RestCheck } from './rest-check.js';

/** A check of the entries 1 to 100, ten at a time; the clock stands still between the steps of a test. */
function setUp(check: (first: number) => number = () => 10) {
  const timers: (() => void)[] = [];
  const checked: string[] = [];
  const failures: RaftError[] = [];
  const restCheck = new RestCheck({
    clock: {
      after: (_delayMs, callback) => {
        timers.push(callback);
        return () => timers.splice(timers.indexOf(callback), 1);
      },
    },
    first: 1,
    last: 100,
    check: async (first, last) => {
      checked.push(`${first} to ${last}`);
      return Math.min(check(first), last - first + 1);
    },
    onFailure: (error) => failures.push(error),
  });
  const step = async () => {
    timers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const all = async () => {
    while (timers.length > 0) await step();
  };
  return { restCheck, checked, failures, timers, step, all };
}

const damaged = () => {
  throw new RaftError('LOG_CORRUPT', 'an entry fails its checksum');
};

it('looks at all entries, once', async () => {
  const { all, checked, failures } = setUp();
  await all();
  expect(checked).toHaveLength(10);
  expect([checked[0], checked[9]]).toEqual(['1 to 100', '91 to 100']);
  expect(failures).toEqual([]);
});

it('tells of damage, and ends', async () => {
  const { all, checked, failures } = setUp((first) => (first === 31 ? damaged() : 10));
  await all();
  expect(failures).toMatchObject([{ code: 'LOG_CORRUPT' }]);
  expect(checked.at(-1)).toBe('31 to 100');
});

it('leaves alone what is cut off at either end', async () => {
  const { restCheck, all, checked, step } = setUp();
  await step();
  restCheck.beginAt(50);
  restCheck.truncateFrom(61);
  await all();
  expect(checked).toEqual(['1 to 100', '50 to 60', '60 to 60']);
});

it.each([
  ['cut off', (check: RestCheck) => check.beginAt(50), 6],
  ['replaced', (check: RestCheck) => check.truncateFrom(1), 1],
])('does not take what is %s while it is read for damage', async (_what, change, checks) => {
  let restCheck: RestCheck | undefined;
  const parts = setUp((first) => {
    if (first > 1) return 10;
    if (restCheck !== undefined) change(restCheck);
    return damaged();
  });
  restCheck = parts.restCheck;
  await parts.all();
  expect(parts.failures).toEqual([]);
  expect(parts.checked).toHaveLength(checks + (checks > 1 ? 1 : 0));
});

it('keeps no timer once it is closed', async () => {
  const { restCheck, step, timers, failures } = setUp((first) => (first > 1 ? damaged() : 10));
  await step();
  expect(timers).toHaveLength(1);
  restCheck.close();
  expect(timers).toHaveLength(0);
  expect(failures).toEqual([]);
});
