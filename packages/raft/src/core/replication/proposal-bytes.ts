/** One proposal, which may be several entries. */
interface Proposal {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** What is applied is given back once there is this much of it, so that giving back is rare. */
const SHRINK_AFTER_PROPOSALS = 1024;

/** Bytes of a leader's proposals that are not committed, and of those that are not applied. */
export class ProposalBytes {
  /** By index: applied ones, committed ones, then the rest. */
  #proposals: Proposal[] = [];
  #applied = 0;
  #committed = 0;
  #uncommittedBytes = 0;
  #unappliedBytes = 0;

  get uncommittedBytes(): number {
    return this.#uncommittedBytes;
  }

  get unappliedBytes(): number {
    return this.#unappliedBytes;
  }

  add(lastIndex: number, bytes: number): void {
    this.#proposals.push({ lastIndex, bytes });
    this.#uncommittedBytes += bytes;
    this.#unappliedBytes += bytes;
  }

  committedTo(index: number): void {
    for (let next = this.#upTo(index, this.#committed); next !== undefined; ) {
      this.#uncommittedBytes -= next.bytes;
      next = this.#upTo(index, ++this.#committed);
    }
  }

  appliedTo(index: number): void {
    // What is applied is committed, whoever noticed that first.
    this.committedTo(index);
    for (let next = this.#upTo(index, this.#applied); next !== undefined; ) {
      this.#unappliedBytes -= next.bytes;
      next = this.#upTo(index, ++this.#applied);
    }
    this.#shrink();
  }

  /** The proposal at `place`, if it ends at or before `index`. */
  #upTo(index: number, place: number): Proposal | undefined {
    const proposal = this.#proposals[place];
    return proposal !== undefined && proposal.lastIndex <= index ? proposal : undefined;
  }

  #shrink(): void {
    const applied = this.#applied;
    const all = applied === this.#proposals.length;
    if (!all && (applied < SHRINK_AFTER_PROPOSALS || applied * 2 < this.#proposals.length)) return;
    this.#proposals = all ? [] : this.#proposals.slice(applied);
    this.#committed -= applied;
    this.#applied = 0;
  }

  clear(): void {
    this.#proposals = [];
    this.#applied = 0;
    this.#committed = 0;
    this.#uncommittedBytes = 0;
    this.#unappliedBytes = 0;
  }
}
