import { beforeEach, expect, it } from 'vitest';
import { Authority } from './authority.js';
import { ManualClock, settled } from './manual-clock.test.support.js';

let clock: ManualClock;
let leading: AbortController;
let asked: number;
let answer: () => Promise<void>;
let authority: Authority;

beforeEach(() => {
  clock = new ManualClock();
  leading = new AbortController();
  asked = 0;
  answer = async () => {};
  const confirm = () => {
    asked += 1;
    return answer();
  };
  authority = new Authority({ confirm, clock, signal: leading.signal });
});

it('is confirmed once for all who ask, and for a moment', async () => {
  expect(authority.isFresh).toBe(false);
  await Promise.all([authority.refresh(), authority.refresh()]);
  expect([asked, authority.isFresh, authority.refresh()]).toEqual([1, true, undefined]);
  await clock.advance(499);
  expect(authority.isFresh).toBe(true);
  await clock.advance(1);
  expect(authority.isFresh).toBe(false);
  await authority.refresh();
  expect(asked).toBe(2);
});

it('counts from when it was asked for: a confirmation that came late is none', async () => {
  const arriving: (() => void)[] = [];
  answer = () => new Promise((resolve) => arriving.push(resolve));
  let done = false;
  const refreshing = authority.refresh()?.then(() => {
    done = true;
  });
  await clock.advance(600);
  arriving[0]?.();
  await settled();
  expect([asked, done]).toEqual([2, false]);
  arriving[1]?.();
  await refreshing;
  expect(authority.isFresh).toBe(true);
});

it('is kept while something goes on in steps, unless the process was stopped', async () => {
  const done = new AbortController();
  await authority.refresh();
  const keeping = authority.keep(done.signal);
  await clock.advance(5_000);
  expect(authority.isFresh).toBe(true);
  answer = () => new Promise(() => {});
  await clock.advance(1_000);
  expect(authority.isFresh).toBe(false);
  answer = async () => {};
  done.abort();
  leading.abort();
  await Promise.race([keeping, settled()]);
  expect(clock.timers).toBe(0);
});

it('ends with the lead, whatever was confirmed', async () => {
  await authority.refresh();
  leading.abort(new Error('it leads no more'));
  expect(authority.isFresh).toBe(false);
  await expect(authority.refresh()).rejects.toThrow('it leads no more');
});

it('is asked for again after a failure', async () => {
  answer = async () => {
    throw new Error('nobody answers');
  };
  await expect(authority.refresh()).rejects.toThrow('nobody answers');
  answer = async () => {};
  await authority.refresh();
  expect(asked).toBe(2);
});
