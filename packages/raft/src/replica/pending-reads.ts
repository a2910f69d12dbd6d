interface Batch {
  readonly context: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
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

  /** Joins the batch of this turn; `isNew` for the first of it. */
  join(lease: boolean): {
    readonly context: number;
    readonly promise: Promise<void>;
    readonly isNew: boolean;
  } {
    const open = lease ? this.#openLease : this.#open;
    const batch = open ?? this.#begin();
    if (lease) this.#openLease = batch;
    else this.#open = batch;
    return { context: batch.context, promise: batch.promise, isNew: open === undefined };
  }

  #begin(): Batch {
    const { promise, resolve, reject } = withResolvers();
    const batch = { context: ++this.#lastContext, promise, resolve, reject, index: undefined };
    this.#batches.set(batch.context, batch);
    return batch;
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
      batch.resolve();
    }
  }

  /** Those that wait to be applied end: without a leader nobody brings what they have to see. */
  abandon(error: Error): void {
    for (const { context, index } of [...this.#batches.values()]) {
      if (index !== undefined) this.fail(context, error);
    }
  }

  fail(context: number, error: Error): void {
    const batch = this.#batches.get(context);
    if (batch === undefined) return;
    if (this.#open === batch) this.#open = undefined;
    if (this.#openLease === batch) this.#openLease = undefined;
    this.#batches.delete(context);
    batch.reject(error);
  }

  failAll(error: Error): void {
    for (const context of [...this.#batches.keys()]) this.fail(context, error);
  }
}

function withResolvers(): Pick<Batch, 'promise' | 'resolve' | 'reject'> {
  let resolve: Batch['resolve'] = () => {};
  let reject: Batch['reject'] = () => {};
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
