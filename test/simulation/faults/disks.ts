import type { VirtualDisk } from '../disk/virtual-disk.js';
import { type FaultKind, type FaultWorld, faultKind, type Target } from './fault.js';

function diskOf(world: FaultWorld, target: Target): VirtualDisk {
  return world.cluster.member(world.member(target)).disk;
}

const slowDisk = faultKind(
  'slow-disk',
  (draw) => ({ member: draw.target(), factor: draw.random.magnitude(5, 200) }),
  (fault, world) => diskOf(world, fault.member).slowDown(fault.factor),
);

const stalledDisk = faultKind(
  'stalled-disk',
  (draw) => ({ member: draw.target() }),
  (fault, world) => diskOf(world, fault.member).stall(),
);

const failingDisk = faultKind(
  'failing-disk',
  (draw) => ({
    member: draw.target(),
    failure: draw.random.pick(['full', 'write', 'fsync'] as const),
  }),
  (fault, world) => diskOf(world, fault.member).failWrites(fault.failure),
);

/** Bits flip in an old entry. Nobody notices before it is read, or the log is opened. */
const flippedBits = faultKind(
  'flipped-bits',
  (draw) => ({ member: draw.target(), place: draw.random.next(), crash: draw.random.chance(0.5) }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const id = world.member(fault.member);
    if (!cluster.losses.mayLose(id)) return undefined;
    if (!cluster.member(id).disk.damage(fault.place)) return undefined;
    coverage.count('bits flipped in an old entry');
    cluster.losses.lost(id);
    if (!fault.crash) return undefined;
    cluster.crash([id]);
    return () => cluster.start(id);
  },
);

/** As it loses power, a disk forgets entries that it had reported as synced. */
const lostTail = faultKind(
  'lost-tail',
  (draw) => ({ member: draw.target() }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const id = world.member(fault.member);
    if (!cluster.runs(id) || !cluster.losses.mayLose(id)) return undefined;
    cluster.crash([id]);
    if (cluster.member(id).disk.loseTail()) {
      coverage.count('synced entries lost');
      cluster.losses.lost(id);
    }
    return () => cluster.start(id);
  },
);

/** A machine goes down and comes back with nothing, or with its log or its state alone. */
const wipedDisk = faultKind(
  'wiped-disk',
  (draw) => ({
    member: draw.target(),
    ...draw.random.pick([
      { log: true, state: true },
      { log: true, state: true },
      { log: true, state: false },
      { log: false, state: true },
    ]),
    /** Whether it is still told who founds the cluster. */
    founding: draw.random.chance(0.6),
  }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const { losses } = cluster;
    const id = world.member(fault.member);
    const told = fault.founding && losses.knowsFounders(id);
    // A log that is missing beside a state counts as lost, whatever it held; so does a state to which the log
    // does not lead any more.
    const whole = fault.state && (fault.log || losses.holdsAllEntries(id));
    const harmless = told && whole && losses.hasPromisedNothing(id);
    if (!cluster.runs(id) || !(harmless || losses.mayLose(id))) return undefined;
    const known = losses.isKnownToOthers(id);
    cluster.crash([id]);
    if (harmless) {
      coverage.count('founder emptied that had promised nothing');
    } else {
      losses.lost(id);
      // Whoever empties a founder's disk has to say so, while the others do not know what it held.
      if (fault.log && !(told && known)) losses.forgetsFounders(id);
      if (fault.log && told) {
        coverage.count(
          known
            ? 'founder emptied and told again who founds'
            : 'founder emptied before all others knew of it',
        );
      }
    }
    cluster.wipe(id, fault);
    coverage.count(fault.log ? (fault.state ? 'disk wiped' : 'log wiped') : 'state wiped');
    return () => cluster.start(id);
  },
);

/** Disks that are slow, full, fail, or forget. */
export const DISKS: readonly FaultKind[] = [
  slowDisk,
  stalledDisk,
  failingDisk,
  flippedBits,
  lostTail,
  wipedDisk,
];
