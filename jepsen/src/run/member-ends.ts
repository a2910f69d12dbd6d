import type { CheckResult } from '../checkers/checker.js';
import type { Cluster, MemberEnd } from '../cluster/cluster.js';
import type { Nemesis } from '../nemeses/nemesis.js';

/** What only a broken program ends with, whether or not it was asked to end just then. */
const CRASHES: ReadonlySet<string | null> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
]);
/** Told one by one. */
const MAX_TOLD = 20;

/**
 * How processes ended that nobody ended. One that crashed is a violation, and so is one that ended by itself under
 * no fault of which it may, as a member does that finds one of its invariants broken. Where it may, such as of a disk
 * that fails, it is told, and so is one that had to be killed as it did not end when it was asked to.
 */
export function memberEnds(
  { ends, members }: Pick<Cluster, 'ends' | 'members'>,
  nemeses: readonly Pick<Nemesis, 'endsMembers'>[],
): CheckResult {
  const mayEnd = nemeses.some(({ endsMembers }) => endsMembers === true);
  const unasked = ends.filter(({ asked }) => !asked);
  const overdue = ends.filter(({ isOverdue }) => isOverdue === true);
  const text = (end: MemberEnd) => {
    const { id, start, code, signal } = end;
    const name = members.find((member) => member.id === id)?.name ?? `${id}`;
    return `${name} ${howItEnded(end)}, in its start ${start}, with ${signal ?? `code ${code}`}`;
  };
  const violating = ends.filter(({ asked, signal }) => CRASHES.has(signal) || (!asked && !mayEnd));
  return {
    checker: 'processes',
    verdict: violating.length === 0 ? 'valid' : 'invalid',
    findings: violating.slice(0, MAX_TOLD).map((end) => ({ lines: [`${text(end)}.`], calls: [] })),
    figures: {
      endedByThemselves: unasked.length,
      overdue: overdue.length,
      ends: [...unasked, ...overdue].slice(0, MAX_TOLD).map(text),
    },
  };
}

function howItEnded({ asked, isOverdue }: MemberEnd): string {
  if (isOverdue === true) return 'did not end by SIGTERM in time';
  return asked ? 'crashed when it was asked to end' : 'ended by itself';
}
