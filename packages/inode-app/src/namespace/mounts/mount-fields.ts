import { argumentInvalid } from '../../errors.js';
import {
  MAX_MOUNT_OPTION_BYTES,
  MAX_MOUNT_OPTIONS,
  MAX_PROFILE_BYTES,
  MAX_URI_BYTES,
} from '../limits.js';
import type { Field } from '../message-form.js';
import type { ByteString } from '../tree/byte-string.js';
import { isWhole } from '../tree/record-fault.js';
import { bytesFromText, kindOf } from '../tree/text-to-bytes.js';
import { WireError, wireBoolean, wireBytes } from '../wire-fields.js';
import {
  MAX_SYNC_INTERVAL_MS,
  type MountOptions,
  NEVER_AGAIN,
  wirePairs,
  wireSyncInterval,
} from './mount.js';

/** Bytes with a limit. */
function bytesUpTo(limit: number): Field<ByteString, string> {
  return {
    parse(wire, what) {
      const bytes = wireBytes(wire, what);
      if (bytes.length <= limit) return bytes;
      throw new WireError(`${what} must have at most ${limit} bytes`);
    },
    encode: (bytes) => bytes,
    fromText(text, what) {
      const bytes = bytesFromText(text, what);
      if (bytes.length <= limit) return bytes;
      throw argumentInvalid(`${what} must have at most ${limit} bytes, not ${bytes.length}`);
    },
  };
}

export const URI = bytesUpTo(MAX_URI_BYTES);
export const PROFILE = bytesUpTo(MAX_PROFILE_BYTES);

/** Milliseconds, 0 or -1; see `MountSettings.syncIntervalMs`. */
export const SYNC_INTERVAL: Field<number> = {
  parse: wireSyncInterval,
  encode: (interval) => interval,
  fromText(interval, what) {
    if (isWhole(interval, NEVER_AGAIN, MAX_SYNC_INTERVAL_MS)) return interval;
    throw argumentInvalid(
      `${what} must be -1 (never look again), 0 (look each time) or milliseconds up to ${MAX_SYNC_INTERVAL_MS}, not ${interval}`,
    );
  },
};

/** Options of a storage by name. */
export const OPTIONS: Field<MountOptions, Readonly<Record<string, string>>> = {
  parse(wire, what) {
    const options = wirePairs(wire, what, (value) => wireBytes(value, 'the value of an option'));
    const fault = optionsFault(options);
    if (fault === undefined) return options;
    throw new WireError(fault);
  },
  encode: (options) => options,
  fromText(text, what) {
    if (typeof text !== 'object' || text === null || Array.isArray(text)) {
      throw argumentInvalid(`${what} must be an object of texts by name, not ${kindOf(text)}`);
    }
    const options = Object.entries(text).map(
      ([name, value]) => [bytesFromText(name, what), bytesFromText(value, what)] as const,
    );
    const fault = optionsFault(options);
    if (fault === undefined) return options;
    throw argumentInvalid(fault);
  },
};

function optionsFault(options: MountOptions): string | undefined {
  if (options.length > MAX_MOUNT_OPTIONS) {
    return `a mount has at most ${MAX_MOUNT_OPTIONS} options, not ${options.length}`;
  }
  const long = options.flat().some((bytes) => bytes.length > MAX_MOUNT_OPTION_BYTES);
  return long ? `options have at most ${MAX_MOUNT_OPTION_BYTES} bytes each` : undefined;
}

/** What is left as it is where it is not given. */
export function optionally<Value, Text>(
  field: Field<Value, Text>,
): Field<Value | undefined, Text | undefined> {
  return {
    parse: (wire, what) => (wire === null ? undefined : field.parse(wire, what)),
    encode: (value) => (value === undefined ? null : field.encode(value)),
    fromText: (text, what) => (text === undefined ? undefined : field.fromText(text, what)),
  };
}

/** Yes or no. */
export const YES_OR_NO: Field<boolean> = {
  parse: wireBoolean,
  encode: (given) => given,
  fromText(given, what) {
    if (typeof given === 'boolean') return given;
    throw argumentInvalid(`${what} must be true or false`);
  },
};
