import type { Call } from './history-calls.js';

/** How often calls of one kind ended with one error. */
export interface ErrorCount {
  readonly code: string;
  readonly kind: string;
  /** Certainly without effect. */
  readonly failed: number;
  readonly unknown: number;
  readonly firstMs: number;
  /** Of the first of them. */
  readonly message: string;
}

/** Errors by code and kind of call, the most frequent first. */
export function errorCounts(calls: readonly Call[]): readonly ErrorCount[] {
  const counts = new Map<string, ErrorCount>();
  for (const { error, input, outcome, returnedMs = 0 } of calls) {
    if (error === undefined) continue;
    const name = JSON.stringify([error.code, input.kind]);
    const before = counts.get(name) ?? {
      code: error.code,
      kind: input.kind,
      failed: 0,
      unknown: 0,
      firstMs: returnedMs,
      message: error.message,
    };
    const isDefinite = outcome === 'fail';
    counts.set(name, {
      ...before,
      failed: before.failed + (isDefinite ? 1 : 0),
      unknown: before.unknown + (isDefinite ? 0 : 1),
    });
  }
  return [...counts.values()].sort((a, b) => b.failed + b.unknown - a.failed - a.unknown);
}
