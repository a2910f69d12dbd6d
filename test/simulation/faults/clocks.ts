import { type FaultKind, faultKind } from './fault.js';

/**
 * How far the rate of a member's clock may be from that of time, as a share of it. It bounds what
 * leases may rest on.
 */
export const MAX_CLOCK_DRIFT = 0.02;

const drift = faultKind(
  'clock-drift',
  (draw) => ({
    member: draw.target(),
    rate: 1 + draw.random.pick([-1, -0.5, 0.5, 1]) * MAX_CLOCK_DRIFT,
  }),
  (fault, world) => {
    const clock = world.cluster.clock(world.member(fault.member));
    world.coverage.count('clock drifting');
    const before = clock.rate;
    clock.setRate(fault.rate);
    return () => clock.setRate(before);
  },
);

/** The wall clock alone: what is monotonic does not jump. */
const jump = faultKind(
  'clock-jump',
  (draw) => ({
    member: draw.target(),
    jumpMs: draw.random.pick([-1, 1]) * draw.random.magnitude(10, 86_400_000),
  }),
  (fault, world) => {
    world.coverage.count('clock jumped');
    world.cluster.clock(world.member(fault.member)).jump(fault.jumpMs);
    return undefined;
  },
);

/** Clocks that run fast or slow, and that are set. */
export const CLOCKS: readonly FaultKind[] = [drift, jump];
