import { type Field, wholeNumber } from '../message-form.js';
import { MAX_SYNC_INTERVAL_MS } from '../mounts/mount.js';
import { optionally, SYNC_INTERVAL } from '../mounts/mount-fields.js';

/** How old what is known of a storage may be for one call; undefined: what its mount says. */
const INTERVAL: Field<number | undefined, number | undefined> = {
  ...optionally(SYNC_INTERVAL),
  optional: true,
};

/** Undefined unless it is asked for. */
const STALE: Field<true | undefined, boolean | undefined> = {
  parse: (wire) => (wire === true ? true : undefined),
  encode: (stale) => stale ?? null,
  fromText: (stale) => (stale === true ? true : undefined),
  optional: true,
};

/** Undefined for who asks for the first time. */
const WAITED: Field<number | undefined, number | undefined> = {
  ...optionally(wholeNumber(0, MAX_SYNC_INTERVAL_MS)),
  optional: true,
};

/** Fields of a query about a path that may lie in a mount. */
export const FRESHNESS = {
  syncIntervalMs: INTERVAL,
  /** What is known is answered where the storage does not, or when that takes too long. */
  stale: STALE,
  /** Milliseconds since it was asked for first: a look that began since then is young enough. */
  waitedMs: WAITED,
};

/** What a call says of how fresh its answer has to be. */
export interface Freshness {
  readonly syncIntervalMs?: number | undefined;
  readonly stale?: true | undefined;
  readonly waitedMs?: number | undefined;
}

/** As the mount says. */
export const AS_MOUNTED: Freshness = {};
