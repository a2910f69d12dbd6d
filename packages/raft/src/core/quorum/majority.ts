import type { MemberId } from '../log/entry.js';

/** How many of `voters` members make a majority. */
export function majoritySize(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * The highest index that a majority of `voters` has reached (Raft paper, 5.3: "stored on a
 * majority"). Infinity without voters: an empty half of a joint configuration agrees to anything.
 */
export function majorityIndex(
  voters: readonly MemberId[],
  indexOf: (id: MemberId) => number,
): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  // Asked for with every answer: sorted by insertion, into an array that is kept.
  let count = 0;
  for (const id of voters) {
    const index = indexOf(id);
    let place = count++;
    while (place > 0 && (descending[place - 1] ?? 0) < index) {
      descending[place] = descending[place - 1] ?? 0;
      place--;
    }
    descending[place] = index;
  }
  return descending[majoritySize(voters.length) - 1] ?? 0;
}

const descending: number[] = [];

export type VoteResult = 'won' | 'lost' | 'pending';

/** Where an election stands: `votes` holds the answers so far, one per member. */
export function majorityVote(
  voters: readonly MemberId[],
  votes: ReadonlyMap<MemberId, boolean>,
): VoteResult {
  if (voters.length === 0) return 'won';
  let granted = 0;
  let missing = 0;
  for (const id of voters) {
    const vote = votes.get(id);
    if (vote === undefined) missing++;
    else if (vote) granted++;
  }
  const needed = majoritySize(voters.length);
  if (granted >= needed) return 'won';
  return granted + missing >= needed ? 'pending' : 'lost';
}
