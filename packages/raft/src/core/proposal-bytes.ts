/** One proposal, which may be several entries. */
interface Proposal {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** Bytes of a leader's proposals that are not committed, and of those that are not applied. */
export class ProposalBytes {
  #uncommitted: Proposal[] = [];
  #unapplied: Proposal[] = [];
  #uncommittedBytes = 0;
  #unappliedBytes = 0;

  get uncommittedBytes(): number {
    return this.#uncommittedBytes;
  }

  get unappliedBytes(): number {
    return this.#unappliedBytes;
  }

  add(lastIndex: number, bytes: number): void {
    const proposal = { lastIndex, bytes };
    this.#uncommitted.push(proposal);
    this.#unapplied.push(proposal);
    this.#uncommittedBytes += bytes;
    this.#unappliedBytes += bytes;
  }

  committedTo(index: number): void {
    this.#uncommittedBytes -= takeUpTo(this.#uncommitted, index);
  }

  appliedTo(index: number): void {
    this.#unappliedBytes -= takeUpTo(this.#unapplied, index);
  }

  clear(): void {
    this.#uncommitted = [];
    this.#unapplied = [];
    this.#uncommittedBytes = 0;
    this.#unappliedBytes = 0;
  }
}

/** Removes the proposals that end at or before `index`; returns their bytes. */
function takeUpTo(proposals: Proposal[], index: number): number {
  let bytes = 0;
  for (let first = proposals[0]; first !== undefined; first = proposals[0]) {
    if (first.lastIndex > index) break;
    bytes += first.bytes;
    proposals.shift();
  }
  return bytes;
}
