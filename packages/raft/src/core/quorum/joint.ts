import type { MemberId } from '../log/entry.js';
import type { Configuration } from '../membership/configuration.js';
import { majorityIndex, majorityVote, type VoteResult } from './majority.js';

/** The part of a configuration that decides: both halves have to agree while it is joint. */
type Voters = Pick<Configuration, 'voters' | 'outgoing'>;

/**
 * The highest index that a majority of each half has reached (Raft paper, section 6: "separate
 * majorities from both the old and new configurations"). Infinity when both halves are empty.
 */
export function jointIndex(
  { voters, outgoing }: Voters,
  indexOf: (id: MemberId) => number,
): number {
  return Math.min(majorityIndex(voters, indexOf), majorityIndex(outgoing, indexOf));
}

/** Where an election stands: won with both halves, lost with either, else pending. */
export function jointVote(
  { voters, outgoing }: Voters,
  votes: ReadonlyMap<MemberId, boolean>,
): VoteResult {
  const first = majorityVote(voters, votes);
  const second = majorityVote(outgoing, votes);
  if (first === 'lost' || second === 'lost') return 'lost';
  return first === 'won' && second === 'won' ? 'won' : 'pending';
}
