import type { Operation } from '../../histories/operation.js';
import { operationsOf } from '../../histories/operations.js';
import type { Checker } from '../checker.js';
import {
  type Absence,
  findAbsences,
  type Known,
  type MembershipRead,
  noteKnown,
  repeated,
} from '../membership.js';
import { linearTimeChecker, shown, type Violations } from '../violations.js';
import { type NameInput, type NameOutput, nameCalls } from './name-calls.js';

/**
 * Judges names that are taken for good, each by one of those who claim it.
 *
 * Proves: no name was given twice, nor after it was known to be taken; a name that was given, refused
 * because it was taken, or listed is in every list called later (else it is lost, or the list stale); no
 * list has a name twice, or one that nobody can have taken by then (a ghost); and a name was refused
 * only where somebody else can have had it.
 *
 * Cannot see: whether two names came in the order in which one of two overlapping lists shows them.
 */
export const nameChecker: Checker = linearTimeChecker(
  'unique names',
  'each name is given to one, stays, and is never refused or listed without somebody who took it',
  (history, violations) => {
    const names = new NameHistory(operationsOf(history, nameCalls));
    for (const [name, claims] of names.claims) judgeClaims(name, claims, names, violations);
    for (const list of names.lists) judgeList(list, names, violations);
    judgeAbsences(names, violations);
    if (names.given > 0 && names.lists.length === 0) {
      violations.leaveOpen(['Names were never listed: which were lost is not known.']);
    }
    const { given, refused, lists, claims } = names;
    return { names: claims.size, given, refused, lists: lists.length };
  },
);

/** A claim that may have taken effect. Moments are the indexes of events. */
interface Claim {
  readonly call: number;
  /** Infinity: its outcome is unknown. */
  readonly returnedAt: number;
  /** Undefined: nobody knows. */
  readonly gotIt: boolean | undefined;
}

class NameHistory {
  /** In the order of their calls. */
  readonly claims = new Map<string, Claim[]>();
  /** In the order of their calls. */
  readonly lists: MembershipRead<string>[] = [];
  given = 0;
  refused = 0;
  /** When the first claim was called that can have got the name. */
  readonly #firstTaker = new Map<string, number>();
  /** Since when a name is certainly taken. */
  readonly known = new Map<string, Known>();

  constructor(operations: readonly Operation<NameInput, NameOutput>[]) {
    for (const operation of operations) this.#take(operation);
    for (const [name, claims] of this.claims) {
      for (const { call, returnedAt, gotIt } of claims) {
        if (gotIt !== false && !this.#firstTaker.has(name)) this.#firstTaker.set(name, call);
        if (gotIt === undefined) continue;
        noteKnown(this.known, name, returnedAt, call);
        if (gotIt) this.given += 1;
        else this.refused += 1;
      }
    }
    for (const { call, returnedAt, elements } of this.lists) {
      for (const name of elements) noteKnown(this.known, name, returnedAt, call);
    }
  }

  /** Whether somebody can have taken a name before a moment. */
  mayBeTaken(name: string, before: number): boolean {
    return (this.#firstTaker.get(name) ?? Number.POSITIVE_INFINITY) < before;
  }

  #take(operation: Operation<NameInput, NameOutput>): void {
    const { input, invokedAt: call } = operation;
    if (operation.outcome === 'failed') return;
    const isDone = operation.outcome === 'done';
    if (input.kind === 'list') {
      if (!isDone || typeof operation.output === 'boolean') return;
      this.lists.push({ call, returnedAt: operation.returnedAt, elements: operation.output });
      return;
    }
    const claim = {
      call,
      returnedAt: isDone ? operation.returnedAt : Number.POSITIVE_INFINITY,
      gotIt: isDone ? operation.output === true : undefined,
    };
    const others = this.claims.get(input.name);
    if (others === undefined) this.claims.set(input.name, [claim]);
    else others.push(claim);
  }
}

function judgeClaims(
  name: string,
  claims: readonly Claim[],
  names: NameHistory,
  violations: Violations,
): void {
  const known = names.known.get(name);
  let winner: Claim | undefined;
  for (const claim of claims) {
    if (claim.gotIt === false) {
      if (names.mayBeTaken(name, claim.returnedAt)) continue;
      violations.add(
        [
          `The claim of ${shown(name)} ${violations.span(claim)} was refused, but nobody else can have had it by then.`,
        ],
        [claim.call],
      );
    } else if (claim.gotIt === true && winner !== undefined) {
      violations.add(
        [
          `The name ${shown(name)} was given twice: to the claim ${violations.span(winner)}, and to the one ${violations.span(claim)}.`,
        ],
        [winner.call, claim.call],
      );
    } else if (claim.gotIt === true) {
      winner = claim;
      if (known === undefined || known.since > claim.call) continue;
      violations.add(
        [
          `The claim of ${shown(name)} ${violations.span(claim)} got it, but it was taken already: an answer at ${violations.moment(known.since)} shows it.`,
        ],
        [known.call, claim.call],
      );
    }
  }
}

function judgeList(list: MembershipRead<string>, names: NameHistory, violations: Violations): void {
  const head = (name: string) => `The list ${violations.span(list)} has ${shown(name)}`;
  for (const name of repeated(list.elements)) {
    violations.addLazily(() => [[`${head(name)} twice.`], [list.call]]);
  }
  for (const name of list.elements) {
    if (names.mayBeTaken(name, list.returnedAt)) continue;
    violations.addLazily(() => [
      [`${head(name)}, which nobody can have taken by then.`],
      [list.call],
    ]);
    names.known.delete(name);
  }
}

function judgeAbsences({ known, lists }: NameHistory, violations: Violations): void {
  for (const absence of findAbsences(known, lists)) {
    violations.addLazily(() => tellAbsence(absence, violations));
  }
}

function tellAbsence(
  absence: Absence<string>,
  violations: Violations,
): readonly [lines: readonly string[], calls: readonly number[]] {
  const { element, known, isLost, reads } = absence;
  const list = absence.firstRead();
  const span = list === undefined ? '' : ` ${violations.span(list)}`;
  return [
    [
      `The list${span} lacks ${shown(element)}, but an answer at ${violations.moment(known.since)} shows that it was taken.`,
      isLost
        ? 'No list called after that has it: it is lost.'
        : `It is missing in ${reads} lists, and later ones have it: they were stale.`,
    ],
    [known.call, ...(list === undefined ? [] : [list.call])],
  ];
}
