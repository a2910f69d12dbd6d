import { isDeepStrictEqual } from 'node:util';
import type { MemberId } from 'raft-ts';
import type { Random } from '../random.js';
import { type Fault, FaultDraw, faultKind } from './fault.js';
import { between, block } from './partitions.js';

export const OLDER_COPY = 'older-copy';

const MIN_VOTERS = 3;

/**
 * A machine's disk is copied, and an operator puts the copy back later, when a majority has committed
 * with what came in between; those who remember come up only after the others have elected somebody.
 */
const olderCopy = faultKind(
  OLDER_COPY,
  ({ random }) => ({ place: random.next(), awayMs: random.magnitude(500, 10_000) }),
  (fault, world) => {
    const { cluster, time } = world;
    const leader = cluster.leader();
    const voters = cluster.losses.settledConfiguration()?.voters ?? [];
    if (leader === undefined || voters.some((id) => !cluster.runs(id))) return undefined;
    // Of two, nobody can be elected without who remembers, or with who has noticed its loss.
    if (voters.length < MIN_VOTERS) return undefined;
    const others = voters.filter((id) => id !== leader);
    const first = Math.floor(fault.place * others.length);
    const inTurn = [...others.slice(first), ...others.slice(0, first)];
    const [id] = inTurn;
    if (id === undefined) return undefined;
    const remembering = [leader, ...inTurn.slice(0, Math.floor(voters.length / 2))];
    const { term } = cluster.status(leader) ?? {};
    cluster.crash([id]);
    const copy = cluster.copyDisk(id);
    cluster.start(id);
    const unblock = block(world, between(cluster.ids, new Set<MemberId>(remembering)), 'drop');
    return () => {
      unblock();
      // A copy that has forgotten a vote could make two leaders of one term, which nobody can notice.
      if (cluster.status(leader)?.term !== term || cluster.leader() !== leader) return;
      // What holds for these voters may not hold for others: two of them could not go on without it.
      const now = cluster.losses.settledConfiguration()?.voters ?? [];
      if (!isDeepStrictEqual(now, voters)) return;
      cluster.crash(remembering);
      cluster.putBack(id, copy);
      cluster.start(id);
      time.after(fault.awayMs, () => {
        for (const other of remembering) cluster.start(other);
      });
    };
  },
);

/** Runs in which it happens, once. */
const SHARE = 0.05;
const FIRST_MS = 5000;
const MIN_DURATION_MS = 500;
const MAX_DURATION_MS = 8000;

/** Draws whether and when an older copy is put back in a run; its number comes behind `after`. */
export function drawOlderCopy(
  random: Random,
  members: readonly MemberId[],
  untilMs: number,
  after: number,
): readonly Fault[] {
  if (!random.chance(SHARE)) return [];
  const atMs = random.between(FIRST_MS, untilMs - MAX_DURATION_MS);
  const durationMs = random.magnitude(MIN_DURATION_MS, MAX_DURATION_MS);
  const draw = new FaultDraw(random, members);
  return [{ number: after + 1, kind: olderCopy.name, atMs, durationMs, ...olderCopy.draw(draw) }];
}
