import type { Field } from '../message-form.js';
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

/** Fields of a query about a path that may lie in a mount. */
export const FRESHNESS = {
  syncIntervalMs: INTERVAL,
  /** What is known is answered where the storage does not, or when that takes too long. */
  stale: STALE,
};

/** What a call says of how fresh its answer has to be. */
export interface Freshness {
  readonly syncIntervalMs?: number | undefined;
  readonly stale?: true | undefined;
}

/** As the mount says. */
export const AS_MOUNTED: Freshness = {};
