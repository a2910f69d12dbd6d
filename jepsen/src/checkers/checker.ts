import type { History } from '../histories/history.js';
import type { Json } from '../histories/json.js';

export type Verdict = 'valid' | 'invalid' | 'unknown';

/** One violation, or why there is no verdict. */
export interface Finding {
  /** The shortest part of the history that shows it, in words, a sentence a line. */
  readonly lines: readonly string[];
  /** The indexes of the calls that it is about: a report marks them. */
  readonly calls: readonly number[];
}

export interface CheckResult {
  /** The checker's name. */
  readonly checker: string;
  readonly verdict: Verdict;
  /** Empty where it is valid. */
  readonly findings: readonly Finding[];
  /** What was counted and measured, by name with its unit last. */
  readonly figures: Readonly<Record<string, Json>>;
  /** Calls in the order in which they can have taken effect, by key: what a linearization found. */
  readonly orders?: Readonly<Record<string, readonly number[]>>;
}

export interface CheckContext {
  readonly signal: AbortSignal;
  /** After so long the verdict is unknown. */
  readonly maxDurationMs: number;
  /** For all that it remembers at once; beyond it the verdict is unknown. */
  readonly maxMemoryBytes: number;
  /** Threads that it may use beside this one; 0: none. */
  readonly maxThreads: number;
}

/** Judges a history. Its verdict is a function of the history, as far as the limits allow one. */
export interface Checker {
  readonly name: string;
  /** What it means that a history passes: one line. */
  readonly proves: string;
  check(history: History, context: CheckContext): Promise<CheckResult>;
}
