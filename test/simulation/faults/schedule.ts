import type { MemberId } from 'raft-ts';
import type { Random } from '../random.js';
import { type Fault, FaultDraw } from './fault.js';
import { FAULT_KINDS } from './kinds.js';

/** Share of the kinds that one run knows, so that they meet in all mixes. */
const KNOWN_SHARE = 0.4;

/** Draws the faults of one run. */
export function drawSchedule(
  random: Random,
  members: readonly MemberId[],
  untilMs: number,
): readonly Fault[] {
  const drawn = FAULT_KINDS.filter(() => random.chance(KNOWN_SHARE));
  const known = drawn.length > 0 ? drawn : FAULT_KINDS;
  const draw = new FaultDraw(random, members);
  const gapMs = random.magnitude(500, 6000);
  const faults: Fault[] = [];
  for (let atMs = random.exponential(gapMs); atMs < untilMs; atMs += random.exponential(gapMs)) {
    const durationMs = Math.min(random.magnitude(25, 12_000), untilMs - atMs);
    const kind = random.pick(known);
    faults.push({
      number: faults.length + 1,
      kind: kind.name,
      atMs,
      durationMs,
      ...kind.draw(draw),
    });
  }
  return faults;
}
