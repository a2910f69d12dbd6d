import { abortable, type Clock } from '@raft-ts/net';
import { encodeRows, type NamedRow } from './state-chunks.js';
import { Turns } from './turns.js';

/** A moment of a state in memory, from which a snapshot is written while the state goes on. */
export class HeldMoment {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** Asked for at once: what begins with it is of this moment, too. */
  readonly #first: Promise<IteratorResult<Uint8Array>>;
  readonly #rows: IterableIterator<NamedRow>;
  readonly #clock: Clock;
  readonly #ended: () => void;
  readonly #abandoned = new AbortController();
  /** Resolves when nothing is held any more. */
  readonly released: Promise<void>;
  #resolveReleased: () => void = () => {};
  #releasing: Promise<void> | undefined;

  /** `ended` is called before `released` resolves. */
  constructor(
    snapshot: AsyncIterable<Uint8Array>,
    rows: IterableIterator<NamedRow>,
    clock: Clock,
    ended: () => void,
  ) {
    this.#chunks = snapshot[Symbol.asyncIterator]();
    this.#first = this.#chunks.next();
    // Whoever reads the chunks is told.
    this.#first.catch(() => {});
    this.#rows = rows;
    this.#clock = clock;
    this.#ended = ended;
    this.released = new Promise((resolve) => {
      this.#resolveReleased = resolve;
    });
  }

  /** What a snapshot holds; to be read once. */
  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    const turns = new Turns(this.#clock);
    for await (const chunk of encodeRows(this.#rows)) {
      yield chunk;
      await turns.pass();
      this.#abandoned.signal.throwIfAborted();
    }
    let next = await this.#abortable(this.#first);
    while (!next.done) {
      yield next.value;
      await turns.pass();
      next = await this.#abortable(this.#chunks.next());
    }
  }

  /** Whoever reads the chunks is told so. */
  abandon(error: Error): void {
    this.#abandoned.abort(error);
  }

  release(): Promise<void> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  #abortable<T>(promise: Promise<T>): Promise<T> {
    return abortable(promise, this.#abandoned.signal);
  }

  async #release(): Promise<void> {
    try {
      this.#rows.return?.();
      await this.#chunks.return?.();
    } finally {
      this.#ended();
      this.#resolveReleased();
    }
  }
}
