import { MAX_INODE_ID } from '../limits.js';
import type { ByteString } from '../tree/byte-string.js';
import { isBelow } from '../tree/path.js';
import { wireArray, wireBoolean, wireBytes, wireInteger } from '../wire-fields.js';

/** How old what is known of a storage may be when it is answered. */
export const NEVER_AGAIN = -1;
/** The longest interval between two looks, milliseconds: some 24 days, as timers have it. */
export const MAX_SYNC_INTERVAL_MS = 2 ** 31 - 1;

/** What may be changed of a mount. */
export interface MountSettings {
  /** Of the credentials that each master has in its own configuration; empty for none. */
  readonly profile: ByteString;
  /** Changes through the tree are refused. */
  readonly readOnly: boolean;
  /** Milliseconds for which what is known counts; 0: look each time; -1: never look again. */
  readonly syncIntervalMs: number;
  /** Of its driver, by name. */
  readonly options: MountOptions;
}

export type MountOptions = readonly (readonly [name: ByteString, value: ByteString])[];

/** A directory of the tree that is a place in another storage system. */
export interface Mount extends MountSettings {
  /** Given once, from the same numbers as inodes' ids. */
  readonly id: number;
  /** Of the directory. */
  readonly path: ByteString;
  /** The storage's URI in its one form. */
  readonly uri: ByteString;
  /** What the place is, however it is reached: see `ParsedPlace`. */
  readonly place: ByteString;
  /** It may overlap with places that are mounted elsewhere. */
  readonly shared: boolean;
  /** Paths within it that have an interval of their own, with all below them. */
  readonly intervals: readonly (readonly [path: ByteString, syncIntervalMs: number])[];
}

/** Whether two places are one, or one lies in the other. */
export function placesOverlap(one: ByteString, other: ByteString): boolean {
  return one === other || liesIn(one, other) || liesIn(other, one);
}

function liesIn(place: ByteString, above: ByteString): boolean {
  return isBelow(place, above) || (above.endsWith('/') && place.startsWith(above));
}

/** How old what is known of a path in the mount may be, when a call does not say it. */
export function syncIntervalOf(mount: Mount, path: ByteString): number {
  let found = mount.syncIntervalMs;
  let depth = -1;
  for (const [above, interval] of mount.intervals) {
    if (above.length <= depth || !(above === path || isBelow(path, above))) continue;
    depth = above.length;
    found = interval;
  }
  return found;
}

/** The form that rows and answers have. */
export function encodeMount(mount: Mount) {
  const { id, path, uri, place, profile, readOnly, shared, syncIntervalMs } = mount;
  const { options, intervals } = mount;
  return [
    id,
    path,
    uri,
    place,
    profile,
    readOnly,
    shared,
    syncIntervalMs,
    options,
    intervals,
  ] as const;
}

/** Throws WireError for anything else. */
export function parseMount(value: unknown): Mount {
  const fields = wireArray(value, 10, 10, 'a mount');
  return {
    id: wireInteger(fields[0], 1, MAX_INODE_ID, 'id'),
    path: wireBytes(fields[1], 'path'),
    uri: wireBytes(fields[2], 'uri'),
    place: wireBytes(fields[3], 'place'),
    profile: wireBytes(fields[4], 'profile'),
    readOnly: wireBoolean(fields[5], 'readOnly'),
    shared: wireBoolean(fields[6], 'shared'),
    syncIntervalMs: wireSyncInterval(fields[7]),
    options: wirePairs(fields[8], 'options', (each) => wireBytes(each, 'the value of an option')),
    intervals: wirePairs(fields[9], 'intervals', wireSyncInterval),
  };
}

export function wireSyncInterval(value: unknown): number {
  return wireInteger(value, NEVER_AGAIN, MAX_SYNC_INTERVAL_MS, 'a sync interval');
}

/** Names, each with a value. */
export function wirePairs<Value>(
  value: unknown,
  what: string,
  parse: (value: unknown) => Value,
): readonly (readonly [ByteString, Value])[] {
  return wireArray(value, 0, Number.MAX_SAFE_INTEGER, what).map((each) => {
    const [name, given] = wireArray(each, 2, 2, `an element of ${what}`);
    return [wireBytes(name, `a name of ${what}`), parse(given)] as const;
  });
}
