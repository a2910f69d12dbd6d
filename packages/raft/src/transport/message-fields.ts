import { NetError } from '@raft-ts/net';

/** `value` as an array of exactly `count` fields. */
export function fields(value: unknown, count: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== count) {
    throw invalid(`${what} is no array of ${count} fields`);
  }
  return value;
}

/** A whole number from `least` to 2^53 - 1. */
export function whole(value: unknown, what: string, least = 0): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
  if (!isWhole || Object.is(value, -0)) {
    throw invalid(`${what} is no whole number from ${least} to 2^53 - 1`);
  }
  return value;
}

export function flag(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw invalid(`${what} is neither true nor false`);
  return value;
}

/** For texts. What is no number is not turned into one: it may have a toString of its own. */
export function shown(value: unknown): string {
  return typeof value === 'number' ? `${value}` : `a ${typeof value}`;
}

export function invalid(what: string): NetError {
  return new NetError('MESSAGE_INVALID', `a message from another member is invalid: ${what}`);
}
