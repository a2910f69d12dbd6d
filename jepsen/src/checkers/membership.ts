import { countBelow } from './sorted.js';

/** A read of all elements, which nothing ever leaves. Moments are the indexes of events. */
export interface MembershipRead<Element> {
  readonly call: number;
  readonly returnedAt: number;
  readonly elements: readonly Element[];
}

/** What shows that an element is there for good. */
export interface Known {
  /** Every read called after this moment must have it. */
  readonly since: number;
  /** The call whose answer shows it. */
  readonly call: number;
}

/** An element that is missing in reads which must have it. */
export interface Absence<Element> {
  readonly element: Element;
  readonly known: Known;
  /** Such reads. */
  readonly reads: number;
  /** The last of all reads is one of them. */
  readonly isLost: boolean;
  /** The first read that lacks it; where it is lost, the first one that none with it follows. */
  firstRead(): MembershipRead<Element> | undefined;
}

/** Of the reads that must have an element: how many do, and the last of them. */
interface Presence {
  readonly known: Known;
  counted: number;
  lastCall: number;
}

/** Elements that a read has more than once. */
export function repeated<Element>(elements: readonly Element[]): readonly Element[] {
  if (new Set(elements).size === elements.length) return [];
  const met = new Set<Element>();
  return elements.filter((element) => met.size === met.add(element).size);
}

/** Notes that an element is known since a moment, unless it was known before. */
export function noteKnown<Element>(
  known: Map<Element, Known>,
  element: Element,
  since: number,
  call: number,
): void {
  if (since < (known.get(element)?.since ?? Number.POSITIVE_INFINITY)) {
    known.set(element, { since, call });
  }
}

/**
 * Elements that reads lack although they were there before those were called. Takes as long as all
 * reads together have elements.
 *
 * @param reads in the order of their calls
 */
export function findAbsences<Element>(
  known: ReadonlyMap<Element, Known>,
  reads: readonly MembershipRead<Element>[],
): readonly Absence<Element>[] {
  const calls = Float64Array.from(reads, ({ call }) => call);
  const absences: Absence<Element>[] = [];
  for (const [element, presence] of countPresences(known, reads)) {
    const { known: shownBy } = presence;
    const first = countBelow(calls, shownBy.since);
    const missing = reads.length - first - presence.counted;
    if (missing <= 0) continue;
    const isLost = presence.lastCall !== reads.at(-1)?.call;
    absences.push({
      element,
      known: shownBy,
      reads: missing,
      isLost,
      firstRead: () =>
        isLost
          ? reads[countBelow(calls, Math.max(shownBy.since, presence.lastCall + 1))]
          : reads.slice(first).find(({ elements }) => !elements.includes(element)),
    });
  }
  return absences;
}

function countPresences<Element>(
  known: ReadonlyMap<Element, Known>,
  reads: readonly MembershipRead<Element>[],
): ReadonlyMap<Element, Presence> {
  const presences = new Map<Element, Presence>();
  for (const [element, shownBy] of known) {
    presences.set(element, { known: shownBy, counted: 0, lastCall: -1 });
  }
  for (const { call, elements } of reads) {
    for (const element of elements) {
      const presence = presences.get(element);
      if (presence === undefined || call < presence.known.since) continue;
      if (presence.lastCall === call) continue; // it is there twice
      presence.counted += 1;
      presence.lastCall = call;
    }
  }
  return presences;
}
