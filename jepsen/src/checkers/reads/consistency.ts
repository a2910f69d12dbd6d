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

/** A read, of what `key` names where there are several. */
export type ReadInput = { readonly key?: string; readonly kind: 'read' } & ReadConsistency;

/** Undefined: it is no read, or asks for nothing that there is. */
export function readInput(call: CallInput): ReadInput | undefined {
  const { kind, key } = call;
  if (kind !== 'read') return undefined;
  const consistency = consistencyOf(call);
  if (consistency === undefined) return undefined;
  if (typeof key !== 'string') return { kind, ...consistency };
  // Nearly all reads are so, and a history has very many.
  return consistency === LINEARIZABLE ? { kind, key } : { kind, key, ...consistency };
}

const LINEARIZABLE: ReadConsistency = {};

function consistencyOf({ consistency, maxStaleMs }: CallInput): ReadConsistency | undefined {
  if (consistency === undefined) return LINEARIZABLE;
  if (consistency === 'linearizable' || consistency === 'local') return { consistency };
  if (consistency !== 'bounded' || typeof maxStaleMs !== 'number') return undefined;
  return maxStaleMs >= 0 ? { consistency, maxStaleMs } : undefined;
}

export function isLinearizable({ consistency }: ReadConsistency): boolean {
  return consistency === undefined || consistency === 'linearizable';
}
