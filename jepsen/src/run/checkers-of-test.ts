import { availabilityChecker } from '../checkers/availability/availability-checker.js';
import type { Checker } from '../checkers/checker.js';
import { errorCodeChecker } from '../checkers/errors/error-code-checker.js';
import { membersChecker } from '../checkers/members/members-checker.js';
import type { HistoryHeader } from '../histories/history.js';
import type { Workload } from '../workloads/workload.js';

/** All that judge a history of this workload: its own checkers, and those that judge every test. */
export function checkersOfTest(workload: Workload, header: HistoryHeader): readonly Checker[] {
  const { errorCodes } = header.options;
  const codes = Array.isArray(errorCodes) ? new Set(errorCodes.map(String)) : undefined;
  return [
    ...workload.checkers(),
    membersChecker,
    availabilityChecker(),
    ...(codes === undefined ? [] : [errorCodeChecker(codes)]),
  ];
}
