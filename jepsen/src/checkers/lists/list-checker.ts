import { operationsOf } from '../../histories/operations.js';
import type { Checker } from '../checker.js';
import { HighestBefore } from '../highest-before.js';
import { groupBy } from '../linearizability/group-by.js';
import type { Element } from '../set/set-calls.js';
import { linearTimeChecker, ofKey, shown, type Violations } from '../violations.js';
import { appendListCalls } from './list-calls.js';
import { type Append, ListHistory, type ListRead } from './list-history.js';

/**
 * Judges lists to which unique elements are appended.
 *
 * Proves: all reads, of any consistency, are beginnings of the longest one, which has no element twice and
 * none that nobody can have appended by then; elements stand in the order in which their appends
 * followed one another; and a linearizable read has everything that was acknowledged, or read, before
 * it was called. For linearizable reads that is all there is: such a history is linearizable.
 *
 * Cannot see: what became of elements that were acknowledged after the last read was called.
 */
export const appendListChecker: Checker = linearTimeChecker(
  'append list',
  'lists only grow, at their ends, by each element once, and by every acknowledged one in order',
  (history, violations) => {
    const figures = { appends: 0, acknowledged: 0, reads: 0, longest: 0, recovered: 0 };
    const operations = operationsOf(history, appendListCalls);
    for (const [key, of] of groupBy(operations, ({ input }) => input.key)) {
      const list = new ListHistory(key, of);
      const appends = [...list.appends.values()];
      const acknowledged = appends.filter(({ returnedAt }) => Number.isFinite(returnedAt));
      figures.appends += appends.length;
      figures.acknowledged += acknowledged.length;
      figures.reads += list.reads.length;
      const longest = list.longest();
      if (longest === undefined) {
        if (acknowledged.length === 0) continue;
        violations.leaveOpen([`The list${ofKey(key)} was never read: what it lost is not known.`]);
        continue;
      }
      figures.longest = Math.max(figures.longest, longest.elements.length);
      const judge = new ListJudge(list, longest, violations);
      judge.judge();
      figures.recovered += longest.elements.filter(
        (element) => list.appends.get(element)?.returnedAt === Number.POSITIVE_INFINITY,
      ).length;
    }
    return figures;
  },
);

/** An acknowledged append, and where its element stands. */
interface Placed {
  readonly call: number;
  readonly returnedAt: number;
  /** From 1; Infinity: nowhere. */
  readonly value: number;
  readonly element: Element;
}

class ListJudge {
  readonly #list: ListHistory;
  readonly #longest: ListRead;
  readonly #violations: Violations;
  readonly #of: string;
  /** Where each element stands in the longest list, from 1. */
  readonly #places = new Map<Element, number>();

  constructor(list: ListHistory, longest: ListRead, violations: Violations) {
    this.#list = list;
    this.#longest = longest;
    this.#violations = violations;
    this.#of = ofKey(list.key);
    for (const [place, element] of longest.elements.entries()) {
      if (!this.#places.has(element)) this.#places.set(element, place + 1);
    }
  }

  judge(): void {
    this.#judgeLongest();
    for (const read of this.#list.reads) this.#judgeBeginning(read);
    this.#judgeOrder();
    this.#judgeReads();
  }

  #judgeLongest(): void {
    const { elements } = this.#longest;
    for (const [place, element] of elements.entries()) {
      const first = this.#places.get(element);
      if (first !== place + 1) {
        this.#add(
          this.#longest,
          `has ${shown(element)} twice, as number ${first} and as number ${place + 1}.`,
        );
      }
    }
  }

  /** Whether it is what the longest one was before, and has only what can have been appended by then. */
  #judgeBeginning(read: ListRead): void {
    const { elements } = this.#longest;
    for (const [place, element] of read.elements.entries()) {
      if (element !== elements[place]) {
        this.#add(
          read,
          `has ${shown(element)} as number ${place + 1}, where the read ${this.#violations.span(this.#longest)} has ${shown(elements[place] ?? null)}: one of them is no beginning of the other.`,
          this.#longest.call,
        );
        return;
      }
      const append = this.#list.appends.get(element);
      if (append !== undefined && !append.hasFailed && append.call < read.returnedAt) continue;
      this.#judgeGhost(read, element, append);
      return;
    }
  }

  #judgeGhost(read: ListRead, element: Element, append: Append | undefined): void {
    if (append === undefined) {
      this.#add(read, `has ${shown(element)}, which nobody appended.`);
      return;
    }
    const why = append.hasFailed ? 'whose append failed' : 'which was not appended before';
    const called = `it was called at ${this.#violations.moment(append.call)}`;
    this.#add(read, `has ${shown(element)}, ${why}: ${called}.`, append.call);
  }

  /** An element stands behind all that were acknowledged before it was appended. */
  #judgeOrder(): void {
    const highest = new HighestBefore(this.#acknowledged());
    const told = new Set<Element>();
    for (const [element, place] of this.#places) {
      const append = this.#list.appends.get(element);
      if (append === undefined || append.hasFailed) continue;
      const before = highest.before(append.call);
      if (before === undefined || before.value <= place || told.has(before.element)) continue;
      told.add(before.element);
      const { moment } = this.#violations;
      const missing = before.value === Number.POSITIVE_INFINITY;
      this.#violations.add(
        [
          `${shown(before.element)} was acknowledged at ${moment(before.returnedAt)}, before ${shown(element)} was appended at ${moment(append.call)}.`,
          `But the list${this.#of} has ${missing ? 'only the latter' : 'it behind that'}, in the read ${this.#violations.span(this.#longest)}.`,
        ],
        [before.call, append.call, this.#longest.call],
      );
    }
  }

  /** A linearizable read has all that was acknowledged, or read so, before it was called. */
  #judgeReads(): void {
    const reads = this.#list.reads.filter((read) => read.isLinearizable);
    const acknowledged = new HighestBefore(this.#acknowledged());
    const lengths = new HighestBefore(
      reads.map((read) => ({ ...read, value: read.elements.length })),
    );
    const told = new Set<Element>();
    for (const read of reads) {
      const { length } = read.elements;
      const append = acknowledged.before(read.call);
      const longer = lengths.before(read.call);
      if (append !== undefined && append.value > length) {
        // A lost element is missing in all reads from then on.
        if (told.has(append.element)) continue;
        told.add(append.element);
        const where =
          append.value === Number.POSITIVE_INFINITY
            ? 'no read has it: it is lost'
            : 'other reads have it';
        this.#add(
          read,
          `lacks ${shown(append.element)}, but its append was acknowledged at ${this.#violations.moment(append.returnedAt)}; ${where}.`,
          append.call,
        );
      } else if (longer !== undefined && longer.value > length) {
        this.#add(
          read,
          `has ${length} elements, but a read that was answered at ${this.#violations.moment(longer.returnedAt)}, before it was called, has ${longer.value}.`,
          longer.call,
        );
      }
    }
  }

  #acknowledged(): readonly Placed[] {
    return [...this.#list.appends.values()]
      .filter(({ returnedAt }) => Number.isFinite(returnedAt))
      .map(({ element, call, returnedAt }) => {
        const value = this.#places.get(element) ?? Number.POSITIVE_INFINITY;
        return { element, call, returnedAt, value };
      });
  }

  #add(read: ListRead, what: string, ...calls: readonly number[]): void {
    const head = `The read${this.#of} ${this.#violations.span(read)}`;
    this.#violations.add([`${head} ${what}`], [read.call, ...calls]);
  }
}
