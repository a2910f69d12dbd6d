import type { WireValue } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import { isPositiveInteger } from '../numbers.js';
import { QueryConsistency } from '../rpc-methods.js';

/** The fields of a request's body; throws INVALID_REQUEST, as the functions below do. */
export function fieldsOf(body: WireValue, count: number): readonly WireValue[] {
  if (!Array.isArray(body) || body.length !== count) {
    throw invalid(`the body must be an array of ${count}`);
  }
  return body;
}

export function positiveInteger(value: unknown, name: string): number {
  if (isPositiveInteger(value)) return value;
  throw invalid(`${name} must be a whole number above 0`);
}

/** Milliseconds, cut to what the member allows. */
export function milliseconds(value: unknown, name: string, maximum: number): number {
  if (typeof value === 'number' && value >= 0) return Math.min(value, maximum);
  throw invalid(`${name} must be a number of milliseconds, not below 0`);
}

export function consistencyOf(value: unknown): QueryConsistency {
  const known = Object.values(QueryConsistency).find((one) => one === value);
  if (known !== undefined) return known;
  throw invalid('the consistency is none that this version knows');
}

export function invalid(what: string): StateMachineError {
  return new StateMachineError('INVALID_REQUEST', `malformed request: ${what}`);
}
