import { expect, it } from 'vitest';
import { LogClock } from './log-clock.js';

function clockAt(nowMs: number) {
  return { nowMs, monotonicMs: () => clock.nowMs, wallMs: () => Date.now() };
}
let clock = clockAt(0);

it('goes on from what was seen as the monotonic clock does', () => {
  clock = clockAt(500.25);
  const log = new LogClock(clock, 7000);
  expect(log.next()).toBe(7000);
  clock.nowMs += 10.5;
  expect(log.next()).toBe(7010);
  log.saw(9000);
  clock.nowMs += 3;
  expect(log.next()).toBe(9003);
});

it('does not lose the fractions between many entries', () => {
  clock = clockAt(0);
  const log = new LogClock(clock, 0);
  for (let i = 0; i < 1000; i++) {
    clock.nowMs += 0.75;
    log.saw(log.next());
  }
  expect(log.next()).toBe(750);
});

it('is not held up by entries of its own that are applied later', () => {
  clock = clockAt(0);
  const log = new LogClock(clock, 0);
  const proposed = log.next();
  clock.nowMs = 100;
  log.saw(proposed);
  expect(log.next()).toBe(100);
});

it('stands while no leader is known, and goes on from there', () => {
  clock = clockAt(0);
  const log = new LogClock(clock, 7000);
  clock.nowMs = 100;
  log.passes = false;
  clock.nowMs = 3_600_000;
  expect(log.next()).toBe(7100);
  log.passes = false;
  log.passes = true;
  clock.nowMs += 10;
  expect(log.next()).toBe(7110);
  log.passes = false;
  log.saw(8000);
  clock.nowMs += 1000;
  expect(log.next()).toBe(8000);
  log.passes = true;
  clock.nowMs += 5;
  expect(log.next()).toBe(8005);
});

it('follows a leader whose time is behind, and never runs back', () => {
  clock = clockAt(0);
  const log = new LogClock(clock, 0);
  clock.nowMs = 1000;
  log.saw(400);
  expect(log.next()).toBe(400);
  log.saw(100);
  clock.nowMs = 1001;
  expect(log.next()).toBe(401);
});
