import type { MemberRole } from '../cluster/database.js';
import { JepsenError } from '../errors.js';

/**
 * Who was what at one moment, as far as anyone could ask. In a test's directory `roles.ndjson` holds one
 * a line, in the order of time: `{"atMs":1250.5,"roles":{"1":"leader","2":"follower","3":"silent"}}`,
 * with all members in each line. A sample equal to the one before need not be written; what a sample says
 * holds until the next one, and what the last one says until the end of the test.
 */
export interface RoleSample {
  /** Milliseconds since the history began, by the history's clock. */
  readonly atMs: number;
  /** By the members' ids. */
  readonly roles: Readonly<Record<string, MemberRole>>;
}

const ROLES: ReadonlySet<string> = new Set<MemberRole>([
  'leader',
  'candidate',
  'follower',
  'learner',
  'silent',
]);

/**
 * @param text all of `roles.ndjson`; a last line that was not finished is left out
 * @throws JepsenError LOG_INVALID
 */
export function readRoleSamples(text: string): readonly RoleSample[] {
  const lines = text.split('\n');
  // What follows the last end of a line was not written in full.
  lines.pop();
  return lines.map((line, at) => {
    const sample = parsed(line);
    if (isRoleSample(sample)) return sample;
    throw new JepsenError('LOG_INVALID', `line ${at + 1} of the roles is no sample of roles`);
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRoleSample(value: unknown): value is RoleSample {
  if (typeof value !== 'object' || value === null) return false;
  if (!('atMs' in value && 'roles' in value)) return false;
  const { atMs, roles } = value;
  if (typeof atMs !== 'number' || !Number.isFinite(atMs)) return false;
  if (typeof roles !== 'object' || roles === null || Array.isArray(roles)) return false;
  return Object.values(roles).every((role) => ROLES.has(role));
}
