import type { MemberId } from 'raft-ts';
import type { Random } from '../random.js';
import { CRASHES } from './crashes.js';
import { DISKS } from './disks.js';
import { type Fault, FaultDraw, type FaultKind, faultKind, type Undo } from './fault.js';
import { MEMBERSHIPS } from './memberships.js';
import { block, PARTITIONS } from './partitions.js';

/** Founders that come when the others have begun, or gone on for long. */
const lateStart = faultKind(
  'late-start',
  (draw) => ({ members: draw.targets(draw.random.integer(1, draw.members.length - 1)) }),
  ({ members }, { cluster, coverage, time }) => {
    const ids = members.filter((id) => id !== 'leader' && cluster.runs(id)) as MemberId[];
    // Before they have done anything: nobody has heard from them.
    if (time.nowMs > 0 || ids.length === 0) return undefined;
    coverage.count('founder started late');
    cluster.crash(ids);
    return () => {
      for (const id of ids) cluster.start(id);
    };
  },
);

/** What leaders say to some of the others is lost from the moment on when they are elected. */
const firstAppendsLost = faultKind(
  'first-appends-lost',
  ({ random }) => ({
    /** Whom they do not reach, of those that they could. */
    share: random.between(0.3, 1),
    forMs: random.magnitude(50, 5000),
  }),
  (fault, world) => {
    const { cluster, coverage, time, random } = world;
    const undo = new Set<Undo>();
    const end = cluster.onMoment((moment, leader) => {
      if (moment !== 'elected') return;
      const ways = cluster.ids
        .filter((id) => id !== leader && random.chance(fault.share))
        .map((id) => [leader, id] as const);
      const unblock = block(world, ways, 'drop');
      coverage.count('first appends of a leader lost');
      undo.add(unblock);
      time.after(fault.forMs, () => {
        if (undo.delete(unblock)) unblock();
      });
    });
    return () => {
      end();
      for (const unblock of undo) unblock();
    };
  },
);

/** What strikes a cluster while it is being founded. */
const KINDS: readonly (readonly FaultKind[])[] = [
  [firstAppendsLost],
  PARTITIONS,
  CRASHES,
  DISKS.filter(({ name }) => name === 'wiped-disk'),
  MEMBERSHIPS.filter(({ name }) => name === 'remove-member' || name === 'add-member'),
];

/** Runs of which the founding is troubled, and of these the ones in which somebody comes late. */
const TROUBLED_SHARE = 0.6;
const LATE_SHARE = 0.6;
const MAX_FAULTS = 8;
/** When they strike, and for how long. */
const LAST_MS = 10_000;
const MAX_DURATION_MS = 12_000;
const MAX_LATE_MS = 25_000;

/** Draws what goes wrong at the beginning of a run; numbers go on behind `after`. */
export function drawFounding(
  random: Random,
  members: readonly MemberId[],
  after: number,
): readonly Fault[] {
  if (!random.chance(TROUBLED_SHARE)) return [];
  const draw = new FaultDraw(random, members);
  const kinds = Array.from({ length: random.integer(1, MAX_FAULTS) }, () =>
    random.pick(random.pick(KINDS)),
  );
  const times = kinds.map((kind) => ({ kind, atMs: random.between(0, LAST_MS) }));
  if (random.chance(LATE_SHARE)) times.unshift({ kind: lateStart, atMs: 0 });
  return times.map(({ kind, atMs }, i) => ({
    number: after + i + 1,
    kind: kind.name,
    atMs,
    durationMs:
      kind === lateStart ? random.between(0, MAX_LATE_MS) : random.magnitude(50, MAX_DURATION_MS),
    ...kind.draw(draw),
  }));
}
