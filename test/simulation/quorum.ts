import type { Configuration, MemberId } from 'raft-ts';

/** Whether `members` are a majority of a configuration: of both halves while it is joint. */
export function isQuorum(
  { voters, outgoing }: Configuration,
  isAmong: (id: MemberId) => boolean,
): boolean {
  return isMajority(voters, isAmong) && (outgoing.length === 0 || isMajority(outgoing, isAmong));
}

function isMajority(voters: readonly MemberId[], isAmong: (id: MemberId) => boolean): boolean {
  let count = 0;
  for (const id of voters) if (isAmong(id)) count++;
  return count * 2 > voters.length;
}

/** Whether every majority of one configuration shares a member with every majority of the other. */
export function majoritiesOverlap(a: Configuration, b: Configuration): boolean {
  const voters = [...new Set([...a.voters, ...a.outgoing, ...b.voters, ...b.outgoing])];
  // Each way to split the voters in two: if one side can decide in `a`, the other can't in `b`.
  for (let side = 0; side < 2 ** voters.length; side++) {
    const isOn = (id: MemberId) => ((side >> voters.indexOf(id)) & 1) === 1;
    if (isQuorum(a, isOn) && isQuorum(b, (id) => !isOn(id))) return false;
  }
  return true;
}
