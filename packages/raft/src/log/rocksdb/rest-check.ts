import type { Clock } from '@raft-ts/net';
import { RaftError } from '../../errors.js';

/** After opening, until the first page is read, milliseconds: a start has better things to do. */
const START_MS = 5_000;
/** Between two pages, milliseconds: so that it takes a small part of a processor. */
const PAUSE_MS = 20;
const PAGE_BYTES = 256 * 1024;

export interface RestCheckOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** The entries from `first` to `last`. */
  readonly first: number;
  readonly last: number;
  /** Resolves with how many entries from `first` on are whole, at least one; rejects where one is damaged. */
  readonly check: (first: number, last: number, maxBytes: number) => Promise<number>;
  /** Called once, with what it was rejected with. */
  readonly onFailure: (error: RaftError) => void;
}

/**
 * Reads, little by little, the entries that opening did not: damage is found before they are needed, when
 * others may still have them.
 */
export class RestCheck {
  readonly #options: RestCheckOptions;
  #first: number;
  #last: number;
  #cancel: (() => void) | undefined;
  #ended = false;

  constructor(options: RestCheckOptions) {
    this.#options = options;
    this.#first = options.first;
    this.#last = options.last;
    this.#after(START_MS);
  }

  /** Entries below `index` are gone: the log has been cut. */
  beginAt(index: number): void {
    this.#first = Math.max(this.#first, index);
  }

  /** `index` and what stands behind it is replaced. */
  truncateFrom(index: number): void {
    this.#last = Math.min(this.#last, index - 1);
  }

  close(): void {
    this.#ended = true;
    this.#cancel?.();
  }

  #after(delayMs: number): void {
    if (this.#ended || this.#first > this.#last) return;
    this.#cancel = this.#options.clock.after(delayMs, () => void this.#page());
  }

  async #page(): Promise<void> {
    const first = this.#first;
    if (first > this.#last) return;
    try {
      const whole = await this.#options.check(first, this.#last, PAGE_BYTES);
      this.beginAt(first + whole);
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
      // What was cut off meanwhile, or replaced, is no damage.
      const isChanged = this.#first !== first || first > this.#last;
      if (this.#ended) return;
      if (!isChanged) return this.#options.onFailure(error);
    }
    this.#after(PAUSE_MS);
  }
}
