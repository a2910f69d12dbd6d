import type { MountOptions } from '../namespace/mounts/mount.js';
import { textFromByteString } from '../namespace/tree/byte-string.js';
import type { StorageOptions } from '../storages/storage.js';
import { StorageError } from '../storages/storage-error.js';
import type { StorageAccessOptions } from './storage-access-options.js';

/** Options of a mount that say how its storage is asked, of whatever kind it is: with the least and the most. */
const ACCESS_OPTIONS = {
  /** Calls under way at once. */
  maxConcurrent: [1, 1024],
  /** For how long an answer is awaited, milliseconds. */
  requestTimeoutMs: [100, 600_000],
} as const satisfies Partial<Record<keyof StorageAccessOptions, readonly [number, number]>>;

/** The options of a mount, by who takes them. */
export interface SplitOptions {
  readonly access: StorageAccessOptions;
  readonly driver: StorageOptions;
}

/** Throws StorageError INVALID for values that can't be. */
export function splitOptions(options: MountOptions): SplitOptions {
  const driver: Record<string, string> = {};
  const access: { -readonly [Name in keyof typeof ACCESS_OPTIONS]?: number } = {};
  for (const [nameBytes, valueBytes] of options) {
    const [name, value] = [nameBytes, valueBytes].map(textFromByteString) as [string, string];
    if (isAccessOption(name)) access[name] = numberIn(name, value);
    else driver[name] = value;
  }
  return { access, driver };
}

function isAccessOption(name: string): name is keyof typeof ACCESS_OPTIONS {
  return Object.hasOwn(ACCESS_OPTIONS, name);
}

function numberIn(name: keyof typeof ACCESS_OPTIONS, value: string): number {
  const [least, most] = ACCESS_OPTIONS[name];
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new StorageError(
    'INVALID',
    `the option ${name} must be a whole number from ${least} to ${most}, not "${value}"`,
  );
}
