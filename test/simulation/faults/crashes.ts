import type { CoverageKind } from '../coverage.js';
import type { Moment } from '../member/moment.js';
import { type FaultKind, faultKind } from './fault.js';

const crash = faultKind(
  'crash',
  (draw) => {
    const { random, members } = draw;
    if (random.chance(0.15)) return { members };
    return {
      members: [draw.target(), ...draw.targets(random.pick([0, 0, 1, members.length - 2]))],
    };
  },
  (fault, world) => {
    const ids = fault.members.map((target) => world.member(target));
    world.cluster.crash(ids);
    return () => {
      for (const id of ids) world.cluster.start(id);
    };
  },
);

/** Whoever is at some delicate point while it lasts is crashed at it, or shortly after. */
function crashAt(
  name: string,
  moment: Moment,
  kind: CoverageKind,
  maxDelayMs: number,
  share: number,
): FaultKind {
  return faultKind(
    name,
    ({ random }) => ({
      delayMs: random.magnitude(0.5, maxDelayMs),
      downMs: random.magnitude(25, 4000),
      /** Whom it meets, of those that it could. */
      share: random.between(share, 1),
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

const crashNewLeaders = crashAt(
  'crash-new-leaders',
  'elected',
  'new leader crashed at once',
  250,
  1,
);
const crashWriters = crashAt('crash-writers', 'writing', 'member crashed as it wrote', 10, 0.1);
/** The first that replaces entries from now on crashes as it does: that is rare. */
const crashReplacer = faultKind(
  'crash-replacer',
  ({ random }) => ({ delayMs: random.magnitude(0.1, 5), downMs: random.magnitude(25, 4000) }),
  (fault, world) => {
    const { cluster, coverage, time } = world;
    const end = cluster.onMoment((reached, member) => {
      if (reached !== 'replacing' || world.healed) return;
      end();
      time.after(fault.delayMs, () => {
        if (world.healed || !cluster.runs(member)) return;
        coverage.count('member crashed as it replaced entries');
        cluster.crash([member]);
        time.after(fault.downMs, () => cluster.start(member));
      });
    });
    return undefined;
  },
);

const crashInstallers = crashAt(
  'crash-installers',
  'installing',
  'member crashed as it installed a snapshot',
  10,
  0.5,
);

const restart = faultKind(
  'restart',
  (draw) => ({ member: draw.target(), handsOver: draw.random.chance(0.7) }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const id = world.member(fault.member);
    cluster.stop(id, fault.handsOver, () => {
      coverage.count('member stopped and started');
      cluster.start(id);
    });
    return undefined;
  },
);

const pause = faultKind(
  'pause',
  (draw) => ({
    members: [draw.target(), ...draw.targets(draw.random.pick([0, 0, 0, 1, 2]))],
  }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const ids = fault.members.map((target) => world.member(target));
    for (const id of ids) {
      if (cluster.runs(id)) coverage.count('member paused');
      cluster.pause(id);
    }
    return () => {
      for (const id of ids) cluster.resume(id);
    };
  },
);

/** Processes that end, stand still, and come back. */
export const CRASHES: readonly FaultKind[] = [
  crash,
  crashNewLeaders,
  crashWriters,
  crashReplacer,
  crashInstallers,
  restart,
  pause,
];
