import type { CheckResult, Verdict } from '../checkers/checker.js';
import type { MemberPlace } from '../cluster/member.js';
import type { HistoryHeader } from '../histories/history.js';

/** Of the files of a test. */
export const HISTORY_FILE = 'history.ndjson';
export const RESULTS_FILE = 'results.json';
export const ROLES_FILE = 'roles.ndjson';
export const REPORT_FILE = 'report.html';

/** Of the files of a matrix. */
export const MATRIX_FILE = 'matrix.json';
export const MATRIX_PAGE_FILE = 'matrix.html';

/** How clients' calls ended. */
export interface CallCounts {
  readonly calls: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
}

/** What `results.json` of a test holds. */
export interface StoredResults {
  readonly format: 1;
  readonly verdict: Verdict;
  readonly header: HistoryHeader;
  readonly counts: CallCounts;
  /** Strikes by kind of fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** From the first call to the last one's end. */
  readonly durationMs: number;
  /** After a fault was healed, the longest time in which calls waited and none was answered; null where nobody measured it. */
  readonly longestSilenceAfterHealingMs: number | null;
  readonly results: readonly CheckResult[];
  readonly members: readonly Pick<MemberPlace, 'id' | 'name'>[];
  /** Commands that run the test again and judge it again, in this order. */
  readonly commands: readonly string[];
}

export function strikesOf(faults: StoredResults['faults']): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0);
}

/** False where faults were to strike and none did: what is valid then proves nothing of them. */
export function isStruck({ header, faults }: Pick<StoredResults, 'header' | 'faults'>): boolean {
  return header.nemeses.length === 0 || strikesOf(faults) > 0;
}
