import type { DoneOperation } from '../../../histories/operation.js';
import type { Model } from '../model.js';
import type { MomentText } from '../moments.js';
import type { ListHash, ListInput, ListOperation, ListOutput } from './list-operation.js';
import { ListPlaces } from './list-places.js';

/** The state is the length: no two lists of one history have the same. */
type ListModel = Model<number, ListInput, ListOutput>;

/**
 * A list to which unique values are appended, and which is read by its length and hash.
 *
 * Because it only grows, its length says which list it is: a done append says which value stands
 * at its place, and all reads of one length have one hash. So the state is a number, and which
 * append of unknown outcome filled a place matters only where a hash tells.
 *
 * @param hash how the hash is made, so that it tells what was appended by whom nobody heard of
 *   again; without it, reads are only compared with each other
 */
export function appendOnlyList(hash?: ListHash): ListModel {
  return listOver(undefined, (operations) => listOver(new ListPlaces(operations, hash)));
}

function listOver(
  places: ListPlaces | undefined,
  specialize?: (operations: readonly ListOperation[]) => ListModel,
): ListModel {
  return {
    name: 'append-only list',
    init: () => 0,
    step(length, operation) {
      const { input } = operation;
      if (input.kind === 'append') {
        const place = length + 1;
        const fits =
          operation.outcome === 'done'
            ? operation.output.length === place
            : (places?.mayStandAt(place, input.value) ?? true);
        return fits ? place : undefined;
      }
      if (operation.outcome === 'unknown') return length;
      const { output } = operation;
      if (output.length !== length) return undefined;
      return places?.isHashAt(length, output.hash) === false ? undefined : length;
    },
    equal: (a, b) => a === b,
    hash: (length) => length,
    readsOnly: ({ input }) => input.kind === 'read',
    effect(operation) {
      const { input } = operation;
      if (operation.outcome === 'done') return describeOperation(operation);
      if (input.kind === 'read') return 'read';
      return places?.isFound(input.value) === true ? `append ${input.value}` : 'append';
    },
    onlyIn: ({ input, output }) => (input.kind === 'read' ? output.length : output.length - 1),
    ...(specialize === undefined ? {} : { specialize }),
    describe: describeOperation,
    inWords: (contradiction, _operations, moment) => shorterThanBefore(contradiction, moment),
    describeState(length) {
      const values = length === 1 ? 'value' : 'values';
      const hash = places?.hashAt(length);
      return `the list has ${length} ${values}${hash === undefined ? '' : ` and the hash ${hash}`}`;
    },
  };
}

function describeOperation(operation: ListOperation): string {
  const { input } = operation;
  const call = input.kind === 'append' ? `append ${input.value}` : 'read';
  if (operation.outcome === 'unknown') return call;
  const { length, hash } = operation.output;
  return `${call} → length ${length}${hash === undefined ? '' : `, hash ${hash}`}`;
}

/** A list that never shrinks, and was seen longer before. */
function shorterThanBefore(
  contradiction: readonly DoneOperation<ListInput, ListOutput>[],
  moment: MomentText,
): string | undefined {
  for (const { input, output, invokedAt } of contradiction) {
    const most = input.kind === 'read' ? output.length : output.length - 1;
    const longer = contradiction.find(
      (other) => other.returnedAt < invokedAt && other.output.length > most,
    );
    if (longer === undefined) continue;
    const found = `${input.kind} at ${moment(invokedAt)} found a list of ${most}`;
    return `${found}, but it had ${longer.output.length} by ${moment(longer.returnedAt)}`;
  }
  return undefined;
}
