import type { Cluster } from '../../cluster/cluster.js';
import type { Direction } from '../holds/held-links.js';

/** Nothing comes from any of these to any of those. */
export function cutOneWay(from: readonly number[], to: readonly number[]): readonly Direction[] {
  return from.flatMap((sender) =>
    to
      .filter((receiver) => receiver !== sender)
      .map((receiver) => ({ from: sender, to: receiver, fault: { cut: true } })),
  );
}

/** Nothing comes through between any of these and any of those. */
export function cutBothWays(
  some: readonly number[],
  others: readonly number[],
): readonly Direction[] {
  return [...cutOneWay(some, others), ...cutOneWay(others, some)];
}

/** Why links can't be cut, or why there are too few of them to. */
export function cutsUnavailable(cluster: Cluster, leastMembers: number): string | undefined {
  const has = cluster.members.length;
  if (has < leastMembers) return `it takes ${leastMembers} members, and the cluster has ${has}`;
  return cluster.network.unavailable.cut;
}
