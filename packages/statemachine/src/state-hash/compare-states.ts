import type { MemberId } from 'raft-ts';
import { type Configuration, jointVote } from 'raft-ts/core';
import type { StateHashAt } from './state-hash-rows.js';

/** What a member says of its hashes. */
export interface StateHashes {
  readonly id: MemberId;
  /** False where it has none that cover what it holds. */
  readonly known: boolean;
  /** By ascending index. */
  readonly checkpoints: readonly StateHashAt[];
}

/** Who decides, and who does not though it is a voter: a member that recovers votes on nothing. */
export interface Electorate extends Pick<Configuration, 'voters' | 'outgoing'> {
  readonly recovering: readonly MemberId[];
}

/** What follows from what the members say. */
export type Comparison =
  /** As far as they can be compared, nobody differs. */
  | { readonly kind: 'equal' }
  /** Most voters had `agreed`, of both halves while the configuration is joint, and these members something else at `index`. */
  | {
      readonly kind: 'decided';
      readonly index: number;
      readonly agreed: readonly StateHashAt[];
      readonly different: readonly MemberId[];
    }
  /** They differ at `index`, and no majority of the voters has the same there. */
  | { readonly kind: 'undecided'; readonly index: number; readonly groups: Groups };

/** Members that have the same hash; the largest group first. */
type Groups = readonly (readonly MemberId[])[];

/**
 * Compares at each index of which more than one of them speaks. What a majority of the voters has at one, of
 * both halves of a joint configuration, is what all should have there. So those who are right can always
 * elect a leader once the others have stopped.
 */
export function compareStates(electorate: Electorate, told: readonly StateHashes[]): Comparison {
  const { recovering } = electorate;
  const decides = (ids: readonly MemberId[]) => {
    const voting = ids.filter((id) => !recovering.includes(id));
    return jointVote(electorate, new Map(voting.map((id) => [id, true]))) === 'won';
  };
  let undecided: Comparison | undefined;
  for (const index of commonIndexes(told)) {
    const groups = groupsAt(told, index);
    if (groups.length === 1) continue;
    const right = groups.find(decides);
    if (right === undefined) {
      undecided ??= { kind: 'undecided', index, groups };
      continue;
    }
    const different = groups.flatMap((ids) => (ids === right ? [] : ids));
    const whole = told.find(({ id }) => id === right[0])?.checkpoints ?? [];
    const agreed = whole.filter((at) => at.index <= index);
    return { kind: 'decided', index, agreed, different };
  }
  return undecided ?? { kind: 'equal' };
}

/** Of which at least two speak, the newest first. */
function commonIndexes(told: readonly StateHashes[]): readonly number[] {
  const times = new Map<number, number>();
  for (const { checkpoints } of told) {
    for (const { index } of checkpoints) times.set(index, (times.get(index) ?? 0) + 1);
  }
  const common = [...times].filter(([, count]) => count > 1).map(([index]) => index);
  return common.sort((a, b) => b - a);
}

function groupsAt(told: readonly StateHashes[], index: number): Groups {
  const groups = new Map<number, MemberId[]>();
  for (const { id, checkpoints } of told) {
    const at = checkpoints.find((each) => each.index === index);
    if (at === undefined) continue;
    const group = groups.get(at.hash);
    if (group === undefined) groups.set(at.hash, [id]);
    else group.push(id);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
