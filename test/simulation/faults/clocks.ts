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

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
/** As when a year is mistyped, or a battery was empty. */
const DECADES_MS = 75 * YEAR_MS;

/** The wall clock alone, for a while or for good: what is monotonic does not jump. */
const jump = faultKind(
  'clock-jump',
  (draw) => ({
    member: draw.target(),
    jumpMs:
      draw.random.pick([-1, 1]) *
      draw.random.pick([DAY_MS, YEAR_MS, DECADES_MS, draw.random.magnitude(10, YEAR_MS)]),
    forGood: draw.random.chance(0.4),
  }),
  ({ member, jumpMs, forGood }, world) => {
    const { clock } = world.cluster.member(world.member(member));
    world.coverage.count(forGood ? 'clock jumped for good' : 'clock jumped for a while');
    if (Math.abs(jumpMs) === DECADES_MS) {
      world.coverage.count(jumpMs > 0 ? 'clock decades ahead' : 'clock decades behind');
    }
    clock.jump(jumpMs);
    return forGood ? undefined : () => clock.jump(-jumpMs);
  },
);

/** Clocks that run fast or slow, and that are set. */
export const CLOCKS: readonly FaultKind[] = [drift, jump];
