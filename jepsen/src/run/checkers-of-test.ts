import { availabilityChecker } from '../checkers/availability/availability-checker.js';
import type { Checker } from '../checkers/checker.js';
import { errorCodeChecker } from '../checkers/errors/error-code-checker.js';
import { membersChecker } from '../checkers/members/members-checker.js';
import type { HistoryHeader } from '../histories/history.js';
import type { Workload } from '../workloads/workload.js';
import { CALL_OVERRUN } from './caller.js';

/** All that judge a history of this workload: its own checkers, and those that judge every test. */
export function checkersOfTest(workload: Workload, header: HistoryHeader): readonly Checker[] {
  const { errorCodes } = header.options;
  // The one of the tool's own says nothing of the system: on a slow machine it comes of that alone.
  const codes = Array.isArray(errorCodes)
    ? new Set([...errorCodes.map(String), CALL_OVERRUN])
    : undefined;
  return [
    ...workload.checkers(),
    membersChecker,
    availabilityChecker(),
    ...(codes === undefined ? [] : [errorCodeChecker(codes)]),
  ];
}
