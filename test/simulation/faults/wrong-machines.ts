import type { MemberId } from 'raft-ts';
import type { Random } from '../random.js';
import { type Fault, FaultDraw, faultKind } from './fault.js';

export const WRONG_MACHINE = 'wrong-machine';

const MIN_VOTERS = 3;

/** A member's state machine takes one value twice: from then on its state is another one. */
const wrongMachine = faultKind(
  WRONG_MACHINE,
  (draw) => ({ target: draw.target() }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const voters = cluster.losses.settledConfiguration()?.voters ?? [];
    const id = world.member(fault.target);
    // Of two nobody knows who is right.
    if (voters.length < MIN_VOTERS || !voters.includes(id) || !cluster.runs(id)) return undefined;
    if (cluster.losses.any) return undefined;
    cluster.losses.spareAll();
    cluster.member(id).store.goWrong();
    coverage.count('machine went wrong');
    return undefined;
  },
);

/** Runs in which it happens, once. */
const SHARE = 0.05;
const FIRST_MS = 2000;
const LAST_SHARE = 0.5;

/** Draws whether and when a machine goes wrong in a run; its number comes behind `after`. */
export function drawWrongMachine(
  random: Random,
  members: readonly MemberId[],
  untilMs: number,
  after: number,
): readonly Fault[] {
  if (!random.chance(SHARE)) return [];
  const atMs = random.between(FIRST_MS, untilMs * LAST_SHARE);
  const draw = new FaultDraw(random, members);
  return [
    { number: after + 1, kind: wrongMachine.name, atMs, durationMs: 1, ...wrongMachine.draw(draw) },
  ];
}
