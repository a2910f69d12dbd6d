import type { StorageOptions } from './storage.js';
import { StorageError } from './storage-error.js';

/** Throws INVALID for an option that is not among the known. */
export function refuseUnknownOptions(options: StorageOptions, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new StorageError(
      'INVALID',
      `No option ${JSON.stringify(name)}; known are ${known.join(', ')}`,
    );
  }
}

/** A whole number from 1 on; undefined where it is not given. Throws INVALID. */
export function countOption(
  options: StorageOptions,
  name: string,
  max: number,
): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^[1-9]\d*$/.test(text) && value <= max) return value;
  throw new StorageError('INVALID', `The option ${name} is a whole number, 1 to ${max}`);
}

/** `true` or `false`; undefined where it is not given. Throws INVALID. */
export function flagOption(options: StorageOptions, name: string): boolean | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new StorageError('INVALID', `The option ${name} is true or false`);
}
