import type { MemberId } from 'raft-ts';
import { type FaultKind, type FaultWorld, faultKind } from './fault.js';

const loss = faultKind(
  'loss',
  ({ random }) => ({ rate: random.magnitude(0.01, 0.5) }),
  ({ rate }, { network }) => network.disturb({ loss: rate }),
);

const duplication = faultKind(
  'duplication',
  ({ random }) => ({ rate: random.magnitude(0.02, 0.6), delayMs: random.magnitude(1, 3000) }),
  ({ rate, delayMs }, { network }) => network.disturb({ duplication: rate, strayMs: delayMs }),
);

const reordering = faultKind(
  'reordering',
  ({ random }) => ({ rate: random.magnitude(0.02, 0.6), delayMs: random.magnitude(1, 1000) }),
  ({ rate, delayMs }, { network }) => network.disturb({ reordering: rate, strayMs: delayMs }),
);

const slowLinks = faultKind(
  'slow-links',
  (draw) => ({ member: draw.target(), extraDelayMs: draw.random.magnitude(25, 4000) }),
  (fault, world) => {
    const { cluster, network, coverage } = world;
    const id = world.member(fault.member);
    coverage.count('link slow');
    const undo = cluster.ids.flatMap((other) =>
      other === id ? [] : [network.slowDown(id, other, fault.extraDelayMs)],
    );
    return () => {
      for (const speedUp of undo) speedUp();
    };
  },
);

function resetAll({ cluster, clients, network }: FaultWorld, id: MemberId): void {
  for (const other of [...cluster.ids, ...clients]) {
    if (other === id) continue;
    network.breakStreams(id, other);
    network.breakStreams(other, id);
  }
}

const resetConnections = faultKind(
  'reset-connections',
  (draw) => ({ member: draw.target() }),
  (fault, world) => {
    world.coverage.count('connections reset');
    resetAll(world, world.member(fault.member));
    return undefined;
  },
);

/** Connections break again and again, while both sides live and reach each other. */
const flappingConnections = faultKind(
  'flapping-connections',
  (draw) => ({ member: draw.target(), everyMs: draw.random.magnitude(20, 2000) }),
  (fault, world) => {
    const id = world.member(fault.member);
    world.coverage.count('connections reset again and again');
    const reset = (): void => {
      resetAll(world, id);
      next = world.time.after(fault.everyMs, reset);
    };
    let next = world.time.after(0, reset);
    return () => next.cancel();
  },
);

/** What happens to packets under way between machines that do reach each other. */
export const PACKETS: readonly FaultKind[] = [
  loss,
  duplication,
  reordering,
  slowLinks,
  resetConnections,
  flappingConnections,
];
