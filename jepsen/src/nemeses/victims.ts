import type { MemberPlace } from '../cluster/member.js';
import type { Random } from '../random.js';

/** Whom a fault strikes. */
export type Victims = (random: Random, members: readonly MemberPlace[]) => readonly number[];

export const everyone: Victims = (_, members) => members.map(({ id }) => id);

/** The most members that can be lost while the others are a majority. */
export function minorityOf(members: number): number {
  return Math.floor((members - 1) / 2);
}

export function majorityOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** So many of them, in the order of their ids. */
export function drawMembers(
  random: Random,
  members: readonly MemberPlace[],
  count: number,
): readonly number[] {
  const ids = members.map(({ id }) => id);
  return [...random.shuffle(ids).slice(0, count)].sort((one, other) => one - other);
}

/** From one of them to all. */
export function drawSome(random: Random, members: readonly MemberPlace[]): readonly number[] {
  return drawMembers(random, members, random.between(1, members.length));
}

/** From one of them to as many as can be lost, and one where none can. */
export function drawMinority(random: Random, members: readonly MemberPlace[]): readonly number[] {
  const count = random.between(1, Math.max(1, minorityOf(members.length)));
  return drawMembers(random, members, count);
}
