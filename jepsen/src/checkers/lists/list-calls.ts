import type { CallForm } from '../../histories/operations.js';
import { consistencyOf, type ReadConsistency } from '../reads/consistency.js';
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
    const of = typeof key === 'string' ? { key } : {};
    if (kind === 'append' && isElement(element)) return { ...of, kind, element };
    const consistency = consistencyOf(call);
    if (kind !== 'read' || consistency === undefined) return undefined;
    return { ...of, kind, ...consistency };
  },
  output({ kind }, answer) {
    if (kind === 'append') return null;
    return isElements(answer) ? answer : undefined;
  },
  isCommand: ({ kind }) => kind === 'append',
};
