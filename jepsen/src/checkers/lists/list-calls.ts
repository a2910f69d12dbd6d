import type { CallForm } from '../../histories/operations.js';
import { type ReadConsistency, readInput } from '../reads/consistency.js';
import { type Element, isElement, isElements } from '../set/set-calls.js';

/** Calls of lists. Each element is appended by one call of the whole history; lists are apart by `key`. */
export type AppendListInput = { readonly key?: string } & (
  | { readonly kind: 'append'; readonly element: Element }
  | ({ readonly kind: 'read' } & ReadConsistency)
);

/** Of an append null; of a read all elements, the first appended first. */
export type AppendListOutput = null | readonly Element[];

export const appendListCalls: CallForm<AppendListInput, AppendListOutput> = {
  input(call) {
    const { kind, key, element } = call;
    if (kind !== 'append' || !isElement(element)) return readInput(call);
    return typeof key === 'string' ? { kind, key, element } : { kind, element };
  },
  output({ kind }, answer) {
    if (kind === 'append') return null;
    return isElements(answer) ? answer : undefined;
  },
  isCommand: ({ kind }) => kind === 'append',
};
