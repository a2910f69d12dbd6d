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

/** Whoever wins an election while it lasts is crashed shortly after. */
const crashNewLeaders = faultKind(
  'crash-new-leaders',
  ({ random }) => ({ delayMs: random.magnitude(0.5, 250), downMs: random.magnitude(25, 4000) }),
  (fault, world) => {
    const { cluster, coverage, time } = world;
    return cluster.onElected((member) => {
      time.after(fault.delayMs, () => {
        if (world.healed || !cluster.runs(member)) return;
        coverage.count('new leader crashed at once');
        cluster.crash([member]);
        time.after(fault.downMs, () => cluster.start(member));
      });
    });
  },
);

const restart = faultKind(
  'restart',
  (draw) => ({ member: draw.target() }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const id = world.member(fault.member);
    cluster.stop(id, () => {
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
export const CRASHES: readonly FaultKind[] = [crash, crashNewLeaders, restart, pause];
