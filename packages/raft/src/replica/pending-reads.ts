import { callEach } from './call-each.js';

/** Waits for a linearizable read. One of both is called, once; what it throws stops the member. */
export interface LinearizableReader {
  /** The applied state holds everything that the read has to see. */
  ready(): void;
  /** As `Replica.readIndex` rejects; may be called before `Replica.read` returns. */
  failed(error: Error): void;
}

/** Readers that share a round. */
interface Batch {
  readonly context: number;
  readonly readers: LinearizableReader[];
  /** The index to be applied first; undefined until the lead was confirmed. */
  index: number | undefined;
}

/** Linearizable reads on their way: joined into batches, confirmed, then waiting to be applied. */
export class PendingReads {
  readonly #batches = new Map<number, Batch>();
  /** Takes in further reads until its round may begin. */
  #open: Batch | undefined;
  /** Likewise, of those that came while a lease held. */
  #openLease: Batch | undefined;
  #lastContext = 0;

  /** Joins the batch of this turn; returns its context to the first reader, who has to ask. */
  join(reader: LinearizableReader, lease: boolean): number | undefined {
    const open = lease ? this.#openLease : this.#open;
    if (open !== undefined) {
      open.readers.push(reader);
      return undefined;
    }
    const batch: Batch = { context: ++this.#lastContext, readers: [reader], index: undefined };
    this.#batches.set(batch.context, batch);
    if (lease) this.#openLease = batch;
    else this.#open = batch;
    return batch.context;
  }

  /** The effects are about to be taken: what comes later must not join the round they begin. */
  close(): void {
    this.#open = undefined;
    this.#openLease = undefined;
  }

  ready(contexts: readonly number[], index: number, applied: number): void {
    for (const context of contexts) {
      const batch = this.#batches.get(context);
      if (batch !== undefined) batch.index = index;
    }
    this.applied(applied);
  }

  applied(applied: number): void {
    for (const batch of this.#batches.values()) {
      if (batch.index === undefined || batch.index > applied) continue;
      this.#batches.delete(batch.context);
      callEach(batch.readers, (reader) => reader.ready());
    }
  }

  /** Those that wait to be applied end: without a leader nobody brings what they have to see. */
  abandon(why: () => Error): void {
    for (const { context, index } of this.#batches.values()) {
      if (index !== undefined) this.fail(context, why());
    }
  }

  fail(context: number, error: Error): void {
    const batch = this.#batches.get(context);
    if (batch === undefined) return;
    if (this.#open === batch) this.#open = undefined;
    if (this.#openLease === batch) this.#openLease = undefined;
    this.#batches.delete(context);
    callEach(batch.readers, (reader) => reader.failed(error));
  }

  failAll(error: Error): void {
    callEach([...this.#batches.keys()], (context) => this.fail(context, error));
  }
}
