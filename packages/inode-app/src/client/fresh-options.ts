import { argumentInvalid } from '../errors.js';
import { FRESHNESS, type Freshness } from '../namespace/queries/freshness.js';
import { signalOf } from './check-arguments.js';

/** How fresh what is answered about a mount has to be. */
export interface FreshOptions {
  /** How old what is known may be, milliseconds; 0: look now; -1: whatever is known. By default as the mount says. */
  readonly syncIntervalMs?: number;
  /** What is known is answered where the storage is silent, or a directory still comes in. False by default. */
  readonly stale?: boolean;
}

/** Throws ARGUMENT_INVALID for what is none of these options. */
export function freshness(given: FreshOptions): Freshness {
  const { syncIntervalMs, stale = false, ...others } = given;
  signalOf(others);
  if (typeof stale !== 'boolean') throw argumentInvalid('stale must be true or false');
  return {
    syncIntervalMs: FRESHNESS.syncIntervalMs.fromText(syncIntervalMs, 'syncIntervalMs'),
    stale: stale ? true : undefined,
  };
}
