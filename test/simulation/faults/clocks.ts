import { MAX_CLOCK_DRIFT } from '../machine-clock.js';
import { type FaultKind, faultKind } from './fault.js';

const drift = faultKind(
  'clock-drift',
  (draw) => ({
    member: draw.target(),
    rate: 1 + draw.random.pick([-1, -0.5, 0.5, 1]) * MAX_CLOCK_DRIFT,
  }),
  (fault, world) => {
    const clock = world.cluster.member(world.member(fault.member)).clock;
    world.coverage.count('clock drifting');
    const before = clock.rate;
    clock.setRate(fault.rate);
    return () => clock.setRate(before);
  },
);

/** A year. */
const MAX_JUMP_MS = 365 * 86_400_000;

/** The wall clock alone: what is monotonic does not jump. */
const jump = faultKind(
  'clock-jump',
  (draw) => ({
    member: draw.target(),
    jumpMs: draw.random.pick([-1, 1]) * draw.random.magnitude(10, MAX_JUMP_MS),
  }),
  (fault, world) => {
    world.coverage.count('clock jumped');
    world.cluster.member(world.member(fault.member)).clock.jump(fault.jumpMs);
    return undefined;
  },
);

/** Clocks that run fast or slow, and that are set. */
export const CLOCKS: readonly FaultKind[] = [drift, jump];
