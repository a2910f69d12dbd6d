import type { Checker, CheckResult, Verdict } from '../checkers/checker.js';
import type { History } from '../histories/history.js';
import type { CheckLimits } from './test-plan.js';

/** Has each of the checkers judge the history; one that fails has no verdict. */
export async function judge(
  history: History,
  checkers: readonly Checker[],
  limits: CheckLimits,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const checker of checkers) results.push(await checked(checker, history, limits, signal));
  return results;
}

/** Invalid where anything is, else unknown where anything is. */
export function verdictOf(results: readonly CheckResult[]): Verdict {
  const has = (verdict: Verdict) => results.some((result) => result.verdict === verdict);
  if (has('invalid')) return 'invalid';
  return has('unknown') ? 'unknown' : 'valid';
}

async function checked(
  checker: Checker,
  history: History,
  limits: CheckLimits,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    return await checker.check(history, { ...limits, signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const lines = [`The checker could not judge it: ${reason}`];
    return {
      checker: checker.name,
      verdict: 'unknown',
      findings: [{ lines, calls: [] }],
      figures: {},
    };
  }
}
