import type { EffectiveOperation } from '../../../histories/operation.js';

export type ListInput =
  /** `value` is that of no other append in the history. */
  { readonly kind: 'append'; readonly value: string } | { readonly kind: 'read' };

/** Which list it was, told without its values. */
export interface ListOutput {
  /** Of an append: the list up to and with its own value. */
  readonly length: number;
  /** Of a read: equal for equal lists, and different for others as far as a hash can tell. */
  readonly hash?: number;
}

export type ListOperation = EffectiveOperation<ListInput, ListOutput>;

/** How the hash of a list comes about, one value after the other. */
export interface ListHash {
  /** Of the empty list. */
  readonly empty: number;
  /** Of the list with one value more. Pure. */
  readonly extend: (hash: number, value: string) => number;
}
