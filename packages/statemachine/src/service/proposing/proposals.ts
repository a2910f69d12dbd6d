import type { PendingItem } from './pending-item.js';

/** An entry that this member has proposed, and does not know the fate of. */
export interface Proposal {
  readonly index: number;
  readonly term: number;
  readonly items: readonly PendingItem[];
  readonly bytes: number;
}

/** Proposed entries by index. */
export class Proposals {
  readonly #byIndex = new Map<number, Proposal>();
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
    this.#byIndex.set(proposal.index, proposal);
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
    const taken = [...this.#byIndex.values()].filter((proposal) => proposal.term < term);
    for (const { index } of taken) this.take(index);
    return taken;
  }

  /** Items that should have been answered by now, and were not; they stay where they are. */
  expired(nowMs: number): readonly PendingItem[] {
    return [...this.#byIndex.values()].flatMap(({ items }) =>
      items.filter(({ responder, deadlineMs }) => responder !== undefined && deadlineMs <= nowMs),
    );
  }
}
