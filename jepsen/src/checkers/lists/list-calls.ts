import type { ReadConsistency } from '../reads/consistency.js';

/** What is appended to a list. */
export type ListElement = string | number;

/** Calls of lists. Each element is appended by one call of the whole history; lists are apart by `key`. */
export type AppendListInput = { readonly key?: string } & (
  | { readonly kind: 'append'; readonly element: ListElement }
  | ({ readonly kind: 'read' } & ReadConsistency)
);

/** Of an append null; of a read all elements, the first appended first. */
export type AppendListOutput = null | readonly ListElement[];
