import { completeLimits } from '../limits.js';
import { isPositiveInteger } from '../numbers.js';

/**
 * How much the replicated sessions may hold. They are part of the replicated state: a leader
 * whose own options differ has them changed through the log, so members whose options differ
 * still decide alike.
 */
export interface SessionLimits {
  /** Sessions open at once; further ones are refused. */
  readonly maxSessions: number;
  /** Commands of one session from the oldest without an acknowledged result to the newest. */
  readonly maxOutstanding: number;
  /** Bytes of saved results of one session; beyond, it has to acknowledge first. */
  readonly maxSavedBytes: number;
  /** Bytes of saved results of all; beyond, the least recently active sessions end early. */
  readonly maxTotalSavedBytes: number;
  /** Log time without a command after which a session ends, milliseconds. */
  readonly idleMs: number;
}

export const defaultSessionLimits: SessionLimits = {
  maxSessions: 65_536,
  maxOutstanding: 4_096,
  maxSavedBytes: 8 * 1024 * 1024,
  maxTotalSavedBytes: 256 * 1024 * 1024,
  idleMs: 60 * 60 * 1000,
};

export type EncodedLimits = readonly [number, number, number, number, number];

export function encodeLimits(limits: SessionLimits): EncodedLimits {
  const { maxSessions, maxOutstanding, maxSavedBytes, maxTotalSavedBytes, idleMs } = limits;
  return [maxSessions, maxOutstanding, maxSavedBytes, maxTotalSavedBytes, idleMs];
}

/** Undefined when `value` is no set of limits. */
export function decodeLimits(value: unknown): SessionLimits | undefined {
  if (!isEncodedLimits(value)) return undefined;
  const [maxSessions, maxOutstanding, maxSavedBytes, maxTotalSavedBytes, idleMs] = value;
  return { maxSessions, maxOutstanding, maxSavedBytes, maxTotalSavedBytes, idleMs };
}

function isEncodedLimits(value: unknown): value is EncodedLimits {
  return Array.isArray(value) && value.length === 5 && value.every(isPositiveInteger);
}

export function sameLimits(a: SessionLimits, b: SessionLimits): boolean {
  const other = encodeLimits(b);
  return encodeLimits(a).every((value, i) => value === other[i]);
}

/** The defaults with `changes`; throws OPTIONS_INVALID. */
export function sessionLimits(changes: Partial<SessionLimits> = {}): SessionLimits {
  return completeLimits('whole number', defaultSessionLimits, changes, (limits) => {
    if (limits.maxTotalSavedBytes >= limits.maxSavedBytes) return [];
    return ['maxTotalSavedBytes must not be below maxSavedBytes'];
  });
}
