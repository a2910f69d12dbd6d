import type { MemberId } from 'raft-ts';
import type { Blockage, NodeId } from '../wire/link.js';
import { type FaultKind, type FaultWorld, faultKind, type Target, type Undo } from './fault.js';

type Way = readonly [from: NodeId, to: NodeId];

/** Cuts links; returns what mends them. */
export function block(world: FaultWorld, ways: readonly Way[], blockage: Blockage): Undo {
  if (blockage === 'hold') world.coverage.count('link clogged');
  const undo = ways.map(([from, to]) => world.network.block(from, to, blockage));
  return () => {
    for (const unblock of undo) unblock();
  };
}

function others(world: FaultWorld, id: MemberId): readonly MemberId[] {
  return world.cluster.ids.filter((other) => other !== id);
}

/** Every way between the two sides. */
export function between(nodes: readonly NodeId[], side: ReadonlySet<NodeId>): readonly Way[] {
  return nodes.flatMap((a) =>
    nodes.flatMap((b) => (side.has(a) !== side.has(b) ? [[a, b] as const] : [])),
  );
}

const partition = faultKind(
  'partition',
  (draw) => ({
    side: [draw.target(), ...draw.targets(draw.random.integer(1, draw.members.length - 2))],
    blockage: draw.blockage(),
    /** Whether half of the clients are cut off with them, and the others from them. */
    clients: draw.random.chance(0.4),
  }),
  (fault, world) => {
    const { cluster, clients } = world;
    const side = new Set<NodeId>(fault.side.map((target) => world.member(target)));
    world.coverage.count('partition');
    if (!fault.clients) return block(world, between(cluster.ids, side), fault.blockage);
    for (const client of clients) if (client % 2 === 0) side.add(client);
    return block(world, between([...cluster.ids, ...clients], side), fault.blockage);
  },
);

const isolation = faultKind(
  'isolation',
  (draw) => ({
    member: draw.target(),
    blockage: draw.blockage(),
    clients: draw.random.chance(0.3),
  }),
  (fault, world) => {
    const side = new Set<NodeId>([world.member(fault.member)]);
    world.coverage.count('member isolated');
    const nodes = fault.clients ? [...world.cluster.ids, ...world.clients] : world.cluster.ids;
    return block(world, between(nodes, side), fault.blockage);
  },
);

const mute = faultKind(
  'mute',
  (draw) => ({ member: draw.target(), blockage: draw.blockage() }),
  (fault, world) => {
    const from = world.member(fault.member);
    world.coverage.count('one-way partition');
    return block(
      world,
      others(world, from).map((to) => [from, to] as const),
      fault.blockage,
    );
  },
);

const deaf = faultKind(
  'deaf',
  (draw) => ({ member: draw.target(), blockage: draw.blockage() }),
  (fault, world) => {
    const to = world.member(fault.member);
    world.coverage.count('one-way partition');
    return block(
      world,
      others(world, to).map((from) => [from, to] as const),
      fault.blockage,
    );
  },
);

const links = faultKind(
  'links',
  (draw) => {
    const { random, members } = draw;
    const blocked = random.between(0.1, 0.7);
    const ways = members.flatMap((from) =>
      members.flatMap((to) => (from !== to && random.chance(blocked) ? [[from, to] as const] : [])),
    );
    return { ways, blockage: draw.blockage() };
  },
  (fault, world) => {
    world.coverage.count('links cut one by one');
    return block(world, fault.ways, fault.blockage);
  },
);

/** A side that comes and goes, faster and slower than elections. */
const flapping = faultKind(
  'flapping',
  (draw) => ({
    side: [draw.target(), ...draw.targets(draw.random.pick([0, 0, 1, 2]))] as readonly Target[],
    blockage: draw.blockage(),
    awayMs: draw.random.magnitude(20, 2000),
    backMs: draw.random.magnitude(20, 2000),
  }),
  (fault, world) => {
    const side = new Set<NodeId>(fault.side.map((target) => world.member(target)));
    world.coverage.count('links flapping');
    let unblock: Undo | undefined;
    const toggle = (): void => {
      if (unblock === undefined) {
        unblock = block(world, between(world.cluster.ids, side), fault.blockage);
      } else {
        unblock();
        unblock = undefined;
      }
      next = world.time.after(unblock === undefined ? fault.backMs : fault.awayMs, toggle);
    };
    let next = world.time.after(0, toggle);
    return () => {
      next.cancel();
      unblock?.();
    };
  },
);

/** A firewall refuses in the name of one member what another sends it, or some do: both live. */
const refusedLinks = faultKind(
  'refused-links',
  (draw) => ({ member: draw.target(), others: draw.targets(draw.random.integer(1, 3)) }),
  (fault, world) => {
    const id = world.member(fault.member);
    const side = fault.others.map((target) => world.member(target)).filter((other) => other !== id);
    world.coverage.count('connections refused');
    const undo = side.map((other) => block(world, both(id, other), 'refuse'));
    for (const other of side) {
      for (const [from, to] of both(id, other)) world.network.breakStreams(from, to);
    }
    return () => {
      for (const unblock of undo) unblock();
    };
  },
);

function both(a: NodeId, b: NodeId): readonly Way[] {
  return [
    [a, b],
    [b, a],
  ];
}

/** Members and clients that do not reach each other, both ways or one. */
export const PARTITIONS: readonly FaultKind[] = [
  partition,
  isolation,
  mute,
  deaf,
  links,
  flapping,
  refusedLinks,
];
