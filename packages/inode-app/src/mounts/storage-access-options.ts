import { completeOptions, milliseconds, type OptionsForm, wholeNumber } from '@raft-ts/net/options';
import { argumentInvalid } from '../errors.js';

/** How one mount's storage is asked. */
export interface StorageAccessOptions {
  /** Calls under way at once; a listing is one. Default 16. */
  readonly maxConcurrent?: number;
  /** Calls that wait for their turn, or until they are tried again; further ones are refused. Default 4096. */
  readonly maxWaiting?: number;
  /** For how long an answer is awaited, and a page of a listing. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** For how long the next step of a change in steps is awaited: one may copy a large file. Default 300,000. */
  readonly stepTimeoutMs?: number;
  /** How often a call without a deadline is tried. Default 5. */
  readonly maxAttempts?: number;
  /** The pause before a call is tried again doubles from here, with jitter... Default 100. */
  readonly minRetryMs?: number;
  /** ...up to here. Default 5,000. */
  readonly maxRetryMs?: number;
  /** How many times in a row it gives no answer until it counts as unreachable. Default 3. */
  readonly maxSilences?: number;
  /** While it is unreachable one call tries: the pause between these doubles from `minRetryMs` up to here. Default 30,000. */
  readonly maxProbeMs?: number;
  /** Requests that were given up and still did not end: at so many, no further one is begun. Default 256. */
  readonly maxHung?: number;
}

const defaults: Required<StorageAccessOptions> = {
  maxConcurrent: 16,
  maxWaiting: 4096,
  requestTimeoutMs: 10_000,
  stepTimeoutMs: 300_000,
  maxAttempts: 5,
  minRetryMs: 100,
  maxRetryMs: 5_000,
  maxSilences: 3,
  maxProbeMs: 30_000,
  maxHung: 256,
};

const storageAccessOptionsForm: OptionsForm<StorageAccessOptions, typeof defaults> = {
  fields: {
    maxConcurrent: wholeNumber(1),
    maxWaiting: wholeNumber(1),
    requestTimeoutMs: milliseconds,
    stepTimeoutMs: milliseconds,
    maxAttempts: wholeNumber(1),
    minRetryMs: milliseconds,
    maxRetryMs: milliseconds,
    maxSilences: wholeNumber(1),
    maxProbeMs: milliseconds,
    maxHung: wholeNumber(1),
  },
  defaults,
  rules: ({ minRetryMs, maxRetryMs, maxProbeMs }) => [
    ...(maxRetryMs < minRetryMs ? ['maxRetryMs must be at least minRetryMs'] : []),
    ...(maxProbeMs < minRetryMs ? ['maxProbeMs must be at least minRetryMs'] : []),
  ],
};

/** Throws ARGUMENT_INVALID. */
export function completeStorageAccessOptions(
  options: StorageAccessOptions,
): Required<StorageAccessOptions> {
  return completeOptions(storageAccessOptionsForm, options, argumentInvalid);
}
