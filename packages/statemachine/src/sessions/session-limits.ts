import { type OptionsForm, wholeNumber } from '@raft-ts/net/options';
import { isPositiveInteger } from '../numbers.js';

/**
 * How much the replicated sessions may hold. They are part of the replicated state: a leader
 * whose own options differ has them changed through the log, so members whose options differ
 * still decide alike.
 */
export interface SessionLimits {
  /** Sessions open at once; a further one takes the place of the least recently used, or is refused. */
  readonly maxSessions: number;
  /** Of them, those that clients on one host have opened; likewise. */
  readonly maxSessionsPerHost: number;
  /**
   * Log time without a request after which a session may give way to another one, milliseconds: no
   * shorter than a client's request may be under way, and its result asked for again.
   */
  readonly replaceableAfterMs: number;
  /** Commands of one session from the oldest without an acknowledged result to the newest. */
  readonly maxOutstanding: number;
  /** Bytes of saved results of one session; beyond, it has to acknowledge first. */
  readonly maxSavedBytes: number;
  /**
   * Bytes of saved results of all. Beyond, sessions that may give way end, least recently used first;
   * of the others, one that holds this divided by the number of sessions has to acknowledge first.
   */
  readonly maxTotalSavedBytes: number;
  /** Log time without a command after which a session ends, milliseconds. */
  readonly idleMs: number;
}

export const defaultSessionLimits: SessionLimits = {
  maxSessions: 65_536,
  maxSessionsPerHost: 32_768,
  replaceableAfterMs: 60_000,
  maxOutstanding: 4_096,
  maxSavedBytes: 8 * 1024 * 1024,
  maxTotalSavedBytes: 256 * 1024 * 1024,
  idleMs: 60 * 60 * 1000,
};

/** In the order in which they are written. */
const WRITTEN = [
  'maxSessions',
  'maxOutstanding',
  'maxSavedBytes',
  'maxTotalSavedBytes',
  'idleMs',
  'maxSessionsPerHost',
  'replaceableAfterMs',
] as const satisfies readonly (keyof SessionLimits)[];

export function encodeLimits(limits: SessionLimits): readonly number[] {
  return WRITTEN.map((name) => limits[name]);
}

/** Undefined when `value` is no set of limits. */
export function decodeLimits(value: unknown): SessionLimits | undefined {
  if (!Array.isArray(value) || value.length !== WRITTEN.length) return undefined;
  if (!value.every(isPositiveInteger)) return undefined;
  const limits: Record<keyof SessionLimits, number> = { ...defaultSessionLimits };
  for (const [i, name] of WRITTEN.entries()) limits[name] = value[i] ?? 0;
  return limits;
}

export function sameLimits(a: SessionLimits, b: SessionLimits): boolean {
  const other = encodeLimits(b);
  return encodeLimits(a).every((value, i) => value === other[i]);
}

export const sessionLimitsForm: OptionsForm<Partial<SessionLimits>, SessionLimits> = {
  fields: {
    maxSessions: wholeNumber(1),
    maxSessionsPerHost: wholeNumber(1),
    replaceableAfterMs: wholeNumber(1),
    maxOutstanding: wholeNumber(1),
    maxSavedBytes: wholeNumber(1),
    maxTotalSavedBytes: wholeNumber(1),
    idleMs: wholeNumber(1),
  },
  defaults: defaultSessionLimits,
  rules: ({ maxSavedBytes, maxTotalSavedBytes }) =>
    maxTotalSavedBytes < maxSavedBytes
      ? ['maxTotalSavedBytes must not be below maxSavedBytes']
      : [],
};
