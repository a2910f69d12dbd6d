/** What a client may be told, as docs/sessions.md has it: anything else is a fault. */
export const ERROR_CODES: ReadonlySet<string> = new Set([
  'NOT_LEADER',
  'OVERLOADED',
  'OUTCOME_UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'STOPPED',
  'SESSION_EXPIRED',
  'SESSION_LIMIT',
  'SESSION_RESULTS_FULL',
  'SEQUENCE_BEYOND_WINDOW',
  'ABORTED',
]);
