import type { MemberId } from 'raft-ts';
import type { Random } from '../random.js';
import type { StorageTrouble } from '../storage/storage-weather.js';
import { type Fault, FaultDraw, type FaultKind, faultKind } from './fault.js';

const TROUBLES: readonly StorageTrouble[] = [
  'unreachable',
  'busy',
  'failing',
  'forbidden',
  'losing',
  'hanging',
];

/** The storage fails in one way, for all members or for some. */
const trouble = faultKind(
  'storage-trouble',
  (draw) => ({
    what: draw.random.pick(TROUBLES),
    members: draw.random.chance(0.6) ? ('all' as const) : [draw.target(), ...draw.targets(1)],
  }),
  ({ what, members }, world) => {
    const { cluster, coverage, mounts } = world;
    if (mounts === undefined) return undefined;
    coverage.count('storage in trouble');
    const ids =
      members === 'all' ? cluster.ids : members.map((target): MemberId => world.member(target));
    return mounts.weather.begin(what, ids);
  },
);

const slow = faultKind(
  'slow-storage',
  (draw) => ({ factor: draw.random.magnitude(3, 100) }),
  ({ factor }, { coverage, mounts }) => {
    if (mounts === undefined) return undefined;
    coverage.count('storage slow');
    return mounts.weather.slowDown(factor);
  },
);

/** Whoever leads is killed some steps of a change in the storage after the last one that was. */
const crashBetweenSteps = faultKind(
  'crash-between-steps',
  (draw) => ({
    requests: draw.random.integer(1, 12),
    downMs: draw.random.magnitude(25, 4000),
  }),
  ({ requests, downMs }, world) => {
    const { cluster, coverage, mounts, time } = world;
    let left = requests;
    return mounts?.onRequest((member) => {
      left -= 1;
      if (left > 0) return;
      left = requests;
      time.after(0, () => {
        if (world.healed || !cluster.runs(member)) return;
        coverage.count('member crashed between two steps in a storage');
        cluster.crash([member]);
        time.after(downMs, () => cluster.start(member));
      });
    });
  },
);

const KINDS: readonly FaultKind[] = [trouble, trouble, slow, crashBetweenSteps];

/** Draws what goes wrong with a storage in a run; numbers go on behind `after`. */
export function drawStorageFaults(
  random: Random,
  members: readonly MemberId[],
  untilMs: number,
  after: number,
): readonly Fault[] {
  const draw = new FaultDraw(random, members);
  const gapMs = random.magnitude(1000, 20_000);
  const faults: Fault[] = [];
  for (let atMs = random.exponential(gapMs); atMs < untilMs; atMs += random.exponential(gapMs)) {
    const durationMs = Math.min(random.magnitude(50, 15_000), untilMs - atMs);
    const kind = random.pick(KINDS);
    const number = after + 1 + faults.length;
    faults.push({ number, kind: kind.name, atMs, durationMs, ...kind.draw(draw) });
  }
  return faults;
}
