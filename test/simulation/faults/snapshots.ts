import type { CoverageKind } from '../coverage.js';
import type { Moment } from '../member/moment.js';
import { type FaultKind, faultKind } from './fault.js';

/** Bits flip in a snapshot that a member keeps: in its header, a block, or its end. */
const damagedSnapshot = faultKind(
  'damaged-snapshot',
  ({ random, members }) => ({
    members: random.shuffled(members),
    file: random.next(),
    place: random.pick([random.next(), 0, 0.999_999]),
    bit: random.integer(0, 7),
  }),
  (fault, world) => {
    const { cluster, coverage, options } = world;
    const id = fault.members.find((each) => cluster.member(each).keptFiles.length > 0);
    if (id === undefined) return undefined;
    const files = cluster.member(id).keptFiles;
    const file = files[Math.floor(fault.file * files.length)];
    if (options.application !== 'memory') {
      coverage.count('bits flipped in a kept snapshot');
      file?.damage(fault.place, fault.bit);
      return undefined;
    }
    // What it would restart from: it may not hold any more what it has promised.
    if (!cluster.runs(id) || !cluster.losses.mayLose(id)) return undefined;
    cluster.losses.lost(id);
    cluster.crash([id]);
    coverage.count('bits flipped in a kept snapshot');
    file?.damage(fault.place, fault.bit);
    return () => cluster.start(id);
  },
);

/** What stands between a member and those who pull its state flips bits. */
const damagedBytes = faultKind(
  'damaged-bytes',
  (draw) => ({ servers: draw.members, share: draw.random.magnitude(0.02, 0.5) }),
  (fault, world) => {
    const undo = fault.servers.map((id) => world.cluster.http.damage(id, fault.share));
    return () => {
      for (const each of undo) each();
    };
  },
);

/** Nothing fits any more beside the log: a snapshot that is made or received ends in the middle. */
const fullBesideLog = faultKind(
  'full-beside-log',
  (draw) => ({ members: draw.targets(draw.random.integer(1, 3)) }),
  (fault, world) => {
    const undo = fault.members.map((target) =>
      world.cluster.member(world.member(target)).files.fill(),
    );
    return () => {
      for (const each of undo) each();
    };
  },
);

/**
 * A member is down until the others have forgotten what it lacks: it comes back to fetch a state. They keep
 * a few entries.
 */
const outrun = faultKind(
  'outrun',
  (draw) => ({
    member: draw.random.pick(draw.members),
    keep: draw.random.pick([0, 1, 5]),
  }),
  (fault, { cluster }) => {
    const { member } = fault;
    if (!cluster.runs(member)) return undefined;
    cluster.crash([member]);
    return () => {
      for (const id of cluster.ids) {
        const other = cluster.member(id);
        if (id === member || other.replica === undefined || other.process?.paused) continue;
        other.flush();
        other.compact(fault.keep);
      }
      cluster.start(member);
    };
  },
);

/** Whoever is at that point of moving a state while it lasts is crashed, and is back soon. */
function crashWhile(name: string, moment: Moment, kind: CoverageKind): FaultKind {
  return faultKind(
    name,
    ({ random }) => ({
      share: random.magnitude(0.05, 1),
      delayMs: random.magnitude(0.1, 300),
      downMs: random.magnitude(25, 3000),
    }),
    (fault, world) => {
      const { cluster, coverage, time, random } = world;
      return cluster.onMoment((reached, member) => {
        if (reached !== moment || !random.chance(fault.share)) return;
        time.after(fault.delayMs, () => {
          if (world.healed || !cluster.runs(member)) return;
          coverage.count(kind);
          cluster.crash([member]);
          time.after(fault.downMs, () => cluster.start(member));
        });
      });
    },
  );
}

/** States that are damaged, do not fit, or whose giver or taker is killed. */
export const SNAPSHOTS: readonly FaultKind[] = [
  damagedSnapshot,
  damagedBytes,
  fullBesideLog,
  outrun,
  crashWhile('crash-makers', 'making', 'member crashed as it made a snapshot'),
  crashWhile('crash-servers', 'serving', 'member crashed as it sent a snapshot'),
  crashWhile('crash-receivers', 'receiving', 'member crashed as it received a snapshot'),
];
