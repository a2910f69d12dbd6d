import type { CheckResult } from '../checkers/checker.js';
import type { Cluster, MemberEnd } from '../cluster/cluster.js';

/** What only a broken program ends with. */
const CRASHES: ReadonlySet<string | null> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL']);
/** Told one by one. */
const MAX_TOLD = 20;

/**
 * How processes ended that nobody ended. That they did is told: a member may have to, such as for a disk that
 * fails. One that crashed is a violation.
 */
export function memberEnds({ ends, members }: Pick<Cluster, 'ends' | 'members'>): CheckResult {
  const unasked = ends.filter(({ asked }) => !asked);
  const text = ({ id, start, code, signal }: MemberEnd) => {
    const name = members.find((member) => member.id === id)?.name ?? `${id}`;
    return `${name} ended by itself, in its start ${start}, with ${signal ?? `code ${code}`}`;
  };
  const crashed = unasked.filter(({ signal }) => CRASHES.has(signal));
  return {
    checker: 'processes',
    verdict: crashed.length === 0 ? 'valid' : 'invalid',
    findings: crashed.slice(0, MAX_TOLD).map((end) => ({ lines: [`${text(end)}.`], calls: [] })),
    figures: { endedByThemselves: unasked.length, ends: unasked.slice(0, MAX_TOLD).map(text) },
  };
}
