import type { PendingItem } from './pending-item.js';

/** An entry that this member has proposed, and does not know the fate of. */
export interface Proposal {
  readonly index: number;
  readonly term: number;
  readonly items: readonly PendingItem[];
  readonly bytes: number;
}

interface Tracked extends Proposal {
  earliestDeadlineMs: number;
}

/** Proposed entries by index. */
export class Proposals {
  readonly #byIndex = new Map<number, Tracked>();
  #items = 0;
  #bytes = 0;

  /** Items in all of them. */
  get items(): number {
    return this.#items;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An earlier one at the same index was replaced by this: it is returned. */
  add(proposal: Proposal): Proposal | undefined {
    const replaced = this.take(proposal.index);
    this.#byIndex.set(proposal.index, {
      ...proposal,
      earliestDeadlineMs: earliestDeadline(proposal.items),
    });
    this.#items += proposal.items.length;
    this.#bytes += proposal.bytes;
    return replaced;
  }

  take(index: number): Proposal | undefined {
    const proposal = this.#byIndex.get(index);
    if (proposal === undefined) return undefined;
    this.#byIndex.delete(index);
    this.#items -= proposal.items.length;
    this.#bytes -= proposal.bytes;
    return proposal;
  }

  /** Takes those of terms before `term`. */
  takeBefore(term: number): readonly Proposal[] {
    const taken: Proposal[] = [];
    for (const proposal of [...this.#byIndex.values()]) {
      if (proposal.term >= term) continue;
      this.take(proposal.index);
      taken.push(proposal);
    }
    return taken;
  }

  /** Items that should have been answered by now, and were not; they stay where they are. */
  expired(nowMs: number): readonly PendingItem[] {
    const expired: PendingItem[] = [];
    for (const proposal of this.#byIndex.values()) {
      if (nowMs < proposal.earliestDeadlineMs) continue;
      const waiting = proposal.items.filter((item) => item.responder !== undefined);
      const late = waiting.filter((item) => item.deadlineMs <= nowMs);
      expired.push(...late);
      proposal.earliestDeadlineMs = earliestDeadline(
        waiting.filter((item) => item.deadlineMs > nowMs),
      );
    }
    return expired;
  }
}

function earliestDeadline(items: readonly PendingItem[]): number {
  return items.reduce(
    (earliest, item) => Math.min(earliest, item.deadlineMs),
    Number.POSITIVE_INFINITY,
  );
}
