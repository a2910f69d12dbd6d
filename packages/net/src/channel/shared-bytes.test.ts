import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SharedBytes } from './shared-bytes.js';

const TIMEOUT_MS = 800;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function share() {
  const cut: string[] = [];
  const options = { maxBytes: 100, timeoutMs: TIMEOUT_MS, tooMuch: 'much', tooLong: 'long' };
  const holder = (name: string, stopped = false) => ({
    stopped,
    cutOff: (reason: string) => void cut.push(`${name}: ${reason}`),
  });
  return { shared: new SharedBytes(options), holder, cut };
}

it('cuts off who has not got on for the longest, whoever asks for more', () => {
  const { shared, holder, cut } = share();
  const [slow, silent, late] = [holder('slow'), holder('silent'), holder('late')];
  shared.hold(slow, 30, 'began');
  shared.hold(silent, 40, 'began');
  shared.hold(slow, 35, 'went-on');
  shared.hold(late, 40, 'began');
  expect(cut).toEqual(['silent: much']);
  expect(shared.bytes).toBe(75);
  // Who only holds more has not got on.
  shared.hold(slow, 70, 'grew');
  expect(cut).toEqual(['silent: much', 'slow: much']);
  shared.hold(late, 101, 'went-on');
  expect(cut).toEqual(['silent: much', 'slow: much', 'late: much']);
  expect(shared.bytes).toBe(0);
});

it('cuts off who is not read from only where nobody else holds anything', () => {
  const { shared, holder, cut } = share();
  const [first, second] = [holder('first', true), holder('second', true)];
  shared.hold(first, 40, 'began');
  shared.hold(second, 20, 'began');
  shared.hold(holder('half sent'), 60, 'began');
  expect(cut).toEqual(['half sent: much']);
  shared.hold(second, 70, 'went-on');
  expect(cut).toEqual(['half sent: much', 'first: much']);
});

it('counts what is given back, whole or in part', () => {
  const { shared, holder, cut } = share();
  const [one, other] = [holder('one'), holder('other')];
  for (let each = 0; each < 10; each++) {
    shared.hold(one, 90, 'began');
    shared.hold(one, 20, 'went-on');
    shared.hold(other, 80, 'began');
    shared.release(one);
    shared.release(one);
    shared.hold(other, 0, 'began');
  }
  expect(shared.bytes).toBe(0);
  expect(cut).toEqual([]);
});

it('cuts off who does not come to an end in time, but for those who are not read from', () => {
  const { shared, holder, cut } = share();
  const [dripping, stopped, busy] = [holder('dripping'), holder('stopped', true), holder('busy')];
  for (const each of [dripping, stopped, busy]) shared.hold(each, 1, 'began');
  for (let each = 0; each < 20; each++) {
    vi.advanceTimersByTime(TIMEOUT_MS / 10);
    if (cut.length === 0) shared.hold(dripping, each + 2, 'went-on');
    shared.hold(busy, 2, 'began');
  }
  expect(cut).toEqual(['dripping: long']);
});

it('blames nobody for the time in which this process was stopped', () => {
  const { shared, holder, cut } = share();
  shared.hold(holder('one'), 1, 'began');
  // The timers that were due meanwhile fire once.
  vi.setSystemTime(Date.now() + 100 * TIMEOUT_MS);
  vi.advanceTimersByTime(TIMEOUT_MS / 8);
  expect(cut).toEqual([]);
});
