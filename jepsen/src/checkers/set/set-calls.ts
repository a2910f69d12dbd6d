import type { ReadConsistency } from '../reads/consistency.js';

/** What is added to a set. */
export type Element = string | number;

/** Calls of sets. Each element is added by one call of the whole history; sets are apart by `key`. */
export type SetInput = { readonly key?: string } & (
  | { readonly kind: 'add'; readonly element: Element }
  | ({ readonly kind: 'read' } & ReadConsistency)
);

/** Of an add null; of a read all elements, in any order. */
export type SetOutput = null | readonly Element[];
