import type { Call } from './history-calls.js';

/** A time in which no call was answered. */
export interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The longest time without an answer, from the first call to the last answer. Undefined: nothing was answered. */
export function longestSilence(calls: readonly Call[]): Silence | undefined {
  const answers = calls.flatMap(({ outcome, returnedMs }) =>
    outcome === 'ok' && returnedMs !== undefined ? [returnedMs] : [],
  );
  answers.sort((a, b) => a - b);
  let fromMs = calls[0]?.invokedMs ?? 0;
  let longest: Silence | undefined;
  for (const toMs of answers) {
    if (longest === undefined || toMs - fromMs > longest.toMs - longest.fromMs) {
      longest = { fromMs, toMs };
    }
    fromMs = toMs;
  }
  return longest;
}
