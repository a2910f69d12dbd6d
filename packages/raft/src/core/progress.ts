import type { MemberId } from './entry.js';
import { invariant } from './invariant.js';

/** An append message on its way. */
interface Inflight {
  readonly lastIndex: number;
  readonly bytes: number;
}

/**
 * What a leader knows about one other member. Invariant: 0 <= match < next.
 *
 * probe: where the logs agree is unknown; one append at a time, the next after an answer or a
 * heartbeat. replicate: they agree up to `next - 1` as far as we know; appends are pipelined
 * within a window.
 */
export class Progress {
  readonly id: MemberId;
  #state: 'probe' | 'replicate' = 'probe';
  #match = 0;
  #next: number;
  /** probe: an append is on its way. */
  #probing = false;
  #inflight: Inflight[] = [];
  #inflightBytes = 0;
  /** Highest commit index this member was told. */
  sentCommit = 0;
  /** Heard from since the last check of the quorum. */
  active = true;
  /** A heartbeat went out since it was last probed for lost appends. */
  probeDue = false;
  /** Entries for it are being read from disk. */
  reading = false;
  /** The newest heartbeat round it has answered. */
  confirmedRound = 0;

  constructor(id: MemberId, next: number) {
    this.id = id;
    this.#next = next;
  }

  get state(): 'probe' | 'replicate' {
    return this.#state;
  }

  get match(): number {
    return this.#match;
  }

  get next(): number {
    return this.#next;
  }

  get inflightAppends(): number {
    return this.#inflight.length;
  }

  /** Whether an append with entries may be sent now. */
  canSend(maxAppends: number, maxBytes: number): boolean {
    if (this.reading) return false;
    if (this.#state === 'probe') return !this.#probing;
    return this.#inflight.length < maxAppends && this.#inflightBytes < maxBytes;
  }

  /** An append that ends at `lastIndex` was sent; without entries `lastIndex` is `next - 1`. */
  sent(lastIndex: number, bytes: number): void {
    if (this.#state === 'probe') {
      this.#probing = true;
      return;
    }
    if (lastIndex < this.#next) return;
    this.#inflight.push({ lastIndex, bytes });
    this.#inflightBytes += bytes;
    this.#next = lastIndex + 1;
  }

  /** It acknowledged everything up to `index`. Returns false for what was known. */
  acknowledged(index: number): boolean {
    this.#release(index);
    const news = index > this.#match;
    if (news) this.#match = index;
    if (this.#next <= index) this.#next = index + 1;
    if (this.#state === 'probe' && index === this.#match) this.#becomeReplicate();
    this.#check();
    return news;
  }

  /** It refused an append behind `prevIndex`; its log may match at `hint`. False when outdated. */
  rejected(prevIndex: number, hint: number): boolean {
    if (this.#state === 'replicate') {
      // Everything up to match is known to be there: an old answer.
      if (prevIndex <= this.#match) return false;
      this.becomeProbe();
      return true;
    }
    if (this.#next - 1 !== prevIndex) return false;
    this.#next = Math.max(this.#match + 1, Math.min(prevIndex, hint + 1));
    this.#probing = false;
    this.#check();
    return true;
  }

  /** A heartbeat was answered: what was sent as a probe may have been lost. */
  allowProbe(): void {
    this.#probing = false;
  }

  /** Starts over behind the last index known to match; what is on its way no longer counts. */
  becomeProbe(): void {
    this.#state = 'probe';
    this.#next = this.#match + 1;
    this.#probing = false;
    this.#inflight = [];
    this.#inflightBytes = 0;
  }

  #becomeReplicate(): void {
    this.#state = 'replicate';
    this.#next = this.#match + 1;
    this.#probing = false;
  }

  #release(upTo: number): void {
    let released = 0;
    for (const append of this.#inflight) {
      if (append.lastIndex > upTo) break;
      this.#inflightBytes -= append.bytes;
      released++;
    }
    if (released > 0) this.#inflight.splice(0, released);
  }

  #check(): void {
    invariant(
      this.#match >= 0 && this.#match < this.#next,
      `progress of ${this.id}: match ${this.#match} must be below next ${this.#next}`,
    );
  }
}
