import type { Json } from '../../histories/json.js';
import type { CallForm } from '../../histories/operations.js';
import { type ReadConsistency, readInput } from '../reads/consistency.js';

/** What is added to a set. */
export type Element = string | number;

/** Calls of sets. Each element is added by one call of the whole history; sets are apart by `key`. */
export type SetInput = { readonly key?: string } & (
  | { readonly kind: 'add'; readonly element: Element }
  | ({ readonly kind: 'read' } & ReadConsistency)
);

/** Of an add null; of a read all elements, in any order. */
export type SetOutput = null | readonly Element[];

export const setCalls: CallForm<SetInput, SetOutput> = {
  input(call) {
    const { kind, key, element } = call;
    if (kind !== 'add' || !isElement(element)) return readInput(call);
    return typeof key === 'string' ? { kind, key, element } : { kind, element };
  },
  output({ kind }, answer) {
    if (kind === 'add') return null;
    return isElements(answer) ? answer : undefined;
  },
  isCommand: ({ kind }) => kind === 'add',
};

export function isElements(value: Json | undefined): value is readonly Element[] {
  return Array.isArray(value) && value.every(isElement);
}

export function isElement(value: Json | undefined): value is Element {
  return typeof value === 'string' || typeof value === 'number';
}
