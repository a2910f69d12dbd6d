import { abortable } from '@raft-ts/net';
import type { Accepted, Rejected } from '../core/effects.js';
import { type LinearizableReader, PendingReads } from './pending-reads.js';
import { readError } from './replica-error.js';

/** What reads need of the member. */
export interface ReadsParts {
  /** Whether this member leads, and holds a lease at this time of its monotonic clock. */
  readonly holdsLease: (atMs: number) => boolean;
  /** Asks for the index that has to be applied first. */
  readonly ask: (
    context: number,
    leaseAtMs: number | undefined,
  ) => Pick<Accepted, 'accepted'> | Rejected;
  /** Why nothing can be read any more. */
  readonly stopped: () => Error | undefined;
}

/** Begins linearizable reads (Raft thesis, 6.4). */
export class Reads {
  readonly pending = new PendingReads();
  readonly #parts: ReadsParts;

  constructor(parts: ReadsParts) {
    this.#parts = parts;
  }

  /** `leaseAtMs`: now, for a read that may rest on a lease. */
  promise(leaseAtMs: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const promise = new Promise<void>((ready, failed) => this.begin({ ready, failed }, leaseAtMs));
    return abortable(promise, signal);
  }

  begin(reader: LinearizableReader, leaseAtMs: number | undefined): void {
    const { holdsLease, ask, stopped } = this.#parts;
    const stoppedBy = stopped();
    if (stoppedBy !== undefined) {
      reader.failed(stoppedBy);
      return;
    }
    // Asked each time: a read that joins others may come after a pause, when their lease is over.
    const leased = leaseAtMs !== undefined && holdsLease(leaseAtMs);
    const context = this.pending.join(reader, leased);
    if (context === undefined) return;
    const outcome = ask(context, leased ? leaseAtMs : undefined);
    if (!outcome.accepted) this.pending.fail(context, readError(outcome));
  }
}
