import { type FaultKind, faultKind } from './fault.js';

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

const resetConnections = faultKind(
  'reset-connections',
  (draw) => ({ member: draw.target() }),
  (fault, world) => {
    const { cluster, clients, network, coverage } = world;
    const id = world.member(fault.member);
    coverage.count('connections reset');
    for (const other of [...cluster.ids, ...clients]) {
      if (other === id) continue;
      network.breakStreams(id, other);
      network.breakStreams(other, id);
    }
    return undefined;
  },
);

/** What happens to packets under way between machines that do reach each other. */
export const PACKETS: readonly FaultKind[] = [
  loss,
  duplication,
  reordering,
  slowLinks,
  resetConnections,
];
