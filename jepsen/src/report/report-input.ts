import type { CheckResult, Verdict } from '../checkers/checker.js';
import type { MemberPlace } from '../cluster/member.js';
import type { History } from '../histories/history.js';
import type { RoleSample } from './role-sample.js';

/** All that a report shows. Nothing in it is trusted: names and values may be anybody's. */
export interface ReportInput {
  readonly history: History;
  readonly verdict: Verdict;
  readonly results: readonly CheckResult[];
  /** Empty where the roles were not asked for. */
  readonly roles: readonly RoleSample[];
  readonly members: readonly Pick<MemberPlace, 'id' | 'name'>[];
  /** Commands that run the test again and judge it again, the first one first. */
  readonly commands: readonly string[];
  /** Files beside the report that it links to, by paths relative to it: `history.ndjson`, `n1/log`. */
  readonly files: readonly string[];
}
