import type { ReadConsistency } from '../reads/consistency.js';

/**
 * Calls of counters, which begin at 0 and only grow; counters are apart by `key`.
 *
 * Amounts are whole numbers from 1 on. A command that was carried out twice is told best where the
 * amounts differ, and where adds are answered with the value.
 */
export type CounterInput = { readonly key?: string } & (
  | { readonly kind: 'add'; readonly amount: number }
  | ({ readonly kind: 'read' } & ReadConsistency)
);

/** Of a read the value; of an add the value with it, or null where the system does not say. */
export type CounterOutput = number | null;
