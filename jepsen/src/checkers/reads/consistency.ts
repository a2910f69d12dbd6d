import type { CallInput } from '../../histories/history-event.js';

/**
 * What a read asks for, as part of its input; without it, it is linearizable.
 * - `linearizable`: it sees everything that was acknowledged before it was called.
 * - `bounded`: it sees everything that was acknowledged more than `maxStaleMs` before it was called.
 * - `local`: it sees some state that the system had, however old.
 */
export type ReadConsistency =
  | { readonly consistency?: 'linearizable' }
  | { readonly consistency: 'bounded'; readonly maxStaleMs: number }
  | { readonly consistency: 'local' };

/** Undefined: it asks for nothing that there is. */
export function consistencyOf({ consistency, maxStaleMs }: CallInput): ReadConsistency | undefined {
  if (consistency === undefined) return {};
  if (consistency === 'linearizable' || consistency === 'local') return { consistency };
  if (consistency !== 'bounded' || typeof maxStaleMs !== 'number') return undefined;
  return maxStaleMs >= 0 ? { consistency, maxStaleMs } : undefined;
}

export function isLinearizable({ consistency }: ReadConsistency): boolean {
  return consistency === undefined || consistency === 'linearizable';
}
