import { relative } from 'node:path';
import type { Verdict } from '../checkers/checker.js';
import type { TestOutcome } from '../run/run-test.js';
import { isStruck, type StoredResults } from '../store/stored-results.js';
import { type Cell, NO_NEMESIS } from './cell.js';

/**
 * What a cell came to. `not-struck`: valid, but no fault struck, so that it proves nothing of them. `failed`: the
 * test itself failed. `skipped`: this machine or this system can't have the faults, or the system is not installed.
 */
export type CellOutcome = Verdict | 'not-struck' | 'failed' | 'skipped';

/** In the order in which they are told. */
export const CELL_OUTCOMES: readonly CellOutcome[] = [
  'valid',
  'invalid',
  'unknown',
  'not-struck',
  'failed',
  'skipped',
];

/** What a test left, as far as a matrix tells it. */
export interface CellTest
  extends Pick<
    StoredResults,
    'counts' | 'faults' | 'durationMs' | 'longestSilenceAfterHealingMs' | 'commands'
  > {
  /** Within the store. */
  readonly directory: string;
}

export interface CellResult extends Cell {
  readonly outcome: CellOutcome;
  /** Where a test came to its end. */
  readonly test?: CellTest;
  /** In words: what was violated, why there is no verdict, or no test. */
  readonly reasons: readonly string[];
}

/** Of one cell; the test's report has all. */
const MAX_REASONS = 12;

/** What became of a cell whose test came to its end. */
export function resultOf(cell: Cell, store: string, outcome: TestOutcome): CellResult {
  const { counts, faults, durationMs, longestSilenceAfterHealingMs, commands, results } =
    outcome.results;
  const reasons = results.flatMap(({ checker, findings }) =>
    findings.flatMap(({ lines }) => lines.map((line) => `${checker}: ${line}`)),
  );
  return {
    ...cell,
    outcome:
      outcome.verdict === 'valid' && !isStruck(outcome.results) ? 'not-struck' : outcome.verdict,
    test: {
      directory: relative(store, outcome.directory),
      counts,
      faults,
      durationMs,
      longestSilenceAfterHealingMs,
      commands,
    },
    reasons: reasons.slice(0, MAX_REASONS),
  };
}

/** `set on etcd under kill`. */
export function nameOf({ suite, workload, nemesis }: Cell): string {
  return `${workload} on ${suite} ${nemesis === NO_NEMESIS ? 'without faults' : `under ${nemesis}`}`;
}
