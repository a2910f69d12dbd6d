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
