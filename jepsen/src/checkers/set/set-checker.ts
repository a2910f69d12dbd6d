import { JepsenError } from '../../errors.js';
import type { Operation } from '../../histories/operation.js';
import { operationsOf } from '../../histories/operations.js';
import type { Checker } from '../checker.js';
import { groupBy } from '../linearizability/group-by.js';
import {
  type Absence,
  findAbsences,
  type Known,
  type MembershipRead,
  noteKnown,
  repeated,
} from '../membership.js';
import { isLinearizable } from '../reads/consistency.js';
import { linearTimeChecker, ofKey, shown, type Violations } from '../violations.js';
import { type Element, type SetInput, type SetOutput, setCalls } from './set-calls.js';

/**
 * Judges sets to which elements are added, after the set-full checker of Jepsen (K. Kingsbury).
 *
 * Proves: an element is in every linearizable read that was called after its add was acknowledged, or
 * after a read that had it was answered (else it is lost, or stale where later reads have it again); no
 * read of any consistency has an element that nobody can have added by then, or one twice.
 *
 * Cannot see: whether two elements came in the order in which one of two overlapping reads shows them, and
 * anything about elements that were acknowledged after the last read was called.
 */
export const setChecker: Checker = linearTimeChecker(
  'set',
  'every acknowledged element is in every read called later, and none is there that nobody added',
  (history, violations) => {
    const figures = { adds: 0, acknowledged: 0, reads: 0, lost: 0, stale: 0, recovered: 0 };
    const operations = operationsOf(history, setCalls);
    for (const [key, of] of groupBy(operations, ({ input }) => input.key)) {
      judgeSet(new SetHistory(of), key, violations, figures);
    }
    return figures;
  },
);

interface SetFigures {
  adds: number;
  acknowledged: number;
  reads: number;
  lost: number;
  stale: number;
  /** Adds of unknown outcome that took effect. */
  recovered: number;
}

interface Add {
  readonly call: number;
  /** Infinity: it was never acknowledged. */
  readonly returnedAt: number;
  readonly hasFailed: boolean;
}

interface SetRead extends MembershipRead<Element> {
  readonly isLinearizable: boolean;
}

/** The calls of one set. */
class SetHistory {
  readonly adds = new Map<Element, Add>();
  readonly reads: SetRead[] = [];

  /** @throws JepsenError HISTORY_INVALID */
  constructor(operations: readonly Operation<SetInput, SetOutput>[]) {
    for (const operation of operations) this.#take(operation);
  }

  #take(operation: Operation<SetInput, SetOutput>): void {
    const { input, invokedAt: call } = operation;
    if (input.kind === 'add') {
      const { element } = input;
      if (this.adds.has(element)) throw addedTwice(element);
      const returnedAt =
        operation.outcome === 'done' ? operation.returnedAt : Number.POSITIVE_INFINITY;
      this.adds.set(element, { call, returnedAt, hasFailed: operation.outcome === 'failed' });
    } else if (operation.outcome === 'done') {
      const { returnedAt, output } = operation;
      const elements = output ?? [];
      this.reads.push({ call, returnedAt, elements, isLinearizable: isLinearizable(input) });
    }
  }
}

function addedTwice(element: Element): JepsenError {
  return new JepsenError(
    'HISTORY_INVALID',
    `element ${shown(element)} is added by two calls: each is to be added by one`,
  );
}

function judgeSet(
  { adds, reads }: SetHistory,
  key: string | undefined,
  violations: Violations,
  figures: SetFigures,
): void {
  const acknowledged = [...adds].filter(([, { returnedAt }]) => Number.isFinite(returnedAt));
  figures.adds += adds.size;
  figures.acknowledged += acknowledged.length;
  figures.reads += reads.length;
  const known = new Map<Element, Known>();
  for (const [element, { call, returnedAt }] of acknowledged) {
    noteKnown(known, element, returnedAt, call);
  }
  const strange = new Set<Element>();
  for (const read of reads) judgeElements(read, adds, strange, key, violations);
  const linearizable = reads.filter((read) => read.isLinearizable);
  for (const { call, returnedAt, elements } of linearizable) {
    for (const element of elements) noteKnown(known, element, returnedAt, call);
  }
  for (const element of strange) known.delete(element);
  for (const element of known.keys()) {
    if (adds.get(element)?.returnedAt === Number.POSITIVE_INFINITY) figures.recovered += 1;
  }
  for (const absence of findAbsences(known, linearizable)) {
    const { element, known: shownBy, isLost } = absence;
    figures[isLost ? 'lost' : 'stale'] += 1;
    const isOwn = adds.get(element)?.call === shownBy.call;
    violations.addLazily(() => tellAbsence(absence, isOwn, key, violations));
  }
  if (acknowledged.length > 0 && linearizable.length === 0) {
    violations.leaveOpen([`The set${ofKey(key)} was never read: what it lost is not known.`]);
  }
}

/** @param isOwn whether it is known by its own add's answer, and not by a read's */
function tellAbsence(
  absence: Absence<Element>,
  isOwn: boolean,
  key: string | undefined,
  violations: Violations,
): readonly [lines: readonly string[], calls: readonly number[]] {
  const { element, known, isLost, reads } = absence;
  const read = absence.firstRead();
  const how = isOwn ? 'its add was acknowledged' : 'a read that has it was answered';
  const span = read === undefined ? '' : ` ${violations.span(read)}`;
  return [
    [
      `The read${ofKey(key)}${span} lacks ${shown(element)}, but ${how} at ${violations.moment(known.since)}.`,
      isLost
        ? 'No read called after that has it: it is lost.'
        : `It is missing in ${reads} reads, and later ones have it: they were stale.`,
    ],
    [known.call, ...(read === undefined ? [] : [read.call])],
  ];
}

/** What a read has and can't have. */
function judgeElements(
  read: SetRead,
  adds: ReadonlyMap<Element, Add>,
  strange: Set<Element>,
  key: string | undefined,
  violations: Violations,
): void {
  const head = (element: Element) =>
    `The read${ofKey(key)} ${violations.span(read)} has ${shown(element)}`;
  for (const element of repeated(read.elements)) {
    violations.addLazily(() => [[`${head(element)} twice.`], [read.call]]);
  }
  for (const element of read.elements) {
    const add = adds.get(element);
    if (add !== undefined && !add.hasFailed && add.call < read.returnedAt) continue;
    if (strange.has(element)) continue;
    strange.add(element);
    if (add === undefined) {
      violations.addLazily(() => [[`${head(element)}, which nobody added.`], [read.call]]);
    } else {
      const why = add.hasFailed ? 'whose add failed' : 'which was not added before';
      violations.add(
        [`${head(element)}, ${why}: it was called at ${violations.moment(add.call)}.`],
        [add.call, read.call],
      );
    }
  }
}
