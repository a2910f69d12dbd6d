import type { Json } from '../../histories/json.js';
import type { CallForm } from '../../histories/operations.js';
import { type ReadConsistency, readInput } from '../reads/consistency.js';

/**
 * Calls of counters, which begin at 0 and only grow; counters are apart by `key`.
 *
 * Amounts are whole numbers from 1 on. A command that was carried out twice is told best where the
 * amounts are all different and large, such as any up to a million, and where adds are answered with
 * the value: then hardly any sum of other amounts looks like it.
 */
export type CounterInput = { readonly key?: string } & (
  | { readonly kind: 'add'; readonly amount: number }
  | ({ readonly kind: 'read' } & ReadConsistency)
);

/** Of a read the value; of an add the value with it, or null where the system does not say. */
export type CounterOutput = number | null;

export const counterCalls: CallForm<CounterInput, CounterOutput> = {
  input(call) {
    const { kind, key, amount } = call;
    if (kind !== 'add' || !isWhole(amount) || amount < 1) return readInput(call);
    return typeof key === 'string' ? { kind, key, amount } : { kind, amount };
  },
  output({ kind }, answer) {
    if (kind === 'add' && answer === null) return null;
    return isWhole(answer) ? answer : undefined;
  },
  isCommand: ({ kind }) => kind === 'add',
};

function isWhole(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
