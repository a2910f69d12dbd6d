import { type ByteString, isByteString } from './tree/byte-string.js';

/** What stands for a field on the wire, and in records. */
export type WireField = undefined | null | boolean | number | string | readonly WireField[];

/**
 * A value from outside that has not the form it should have: not an operation that was refused,
 * but something that is no operation, query or answer at all. Its message says where.
 */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code = 'MALFORMED';
}

/** An array with at least `least` and at most `most` elements. */
export function wireArray(
  value: unknown,
  least: number,
  most: number,
  what: string,
): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError(`${what} must be an array`);
  if (value.length < least || value.length > most) {
    const count = least === most ? `${least}` : `${least} to ${most}`;
    throw new WireError(`${what} must have ${count} elements, not ${value.length}`);
  }
  return value;
}

/** A string whose characters all stand for bytes. */
export function wireBytes(value: unknown, what: string): ByteString {
  if (typeof value !== 'string') throw new WireError(`${what} must be a string`);
  if (!isByteString(value)) throw new WireError(`${what} has a character above U+00FF`);
  return value;
}

/** Text, for people. */
export function wireText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new WireError(`${what} must be text`);
}

export function wireBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new WireError(`${what} must be a boolean`);
  return value;
}

/** A number of any kind: its range is for the rules to judge. */
export function wireNumber(value: unknown, what: string): number {
  if (typeof value !== 'number') throw new WireError(`${what} must be a number`);
  return value;
}

/** A whole number from `least` to `most`. */
export function wireInteger(value: unknown, least: number, most: number, what: string): number {
  const number = wireNumber(value, what);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new WireError(`${what} must be a whole number from ${least} to ${most}, not ${number}`);
}
