import type { TransferEndedEffect } from '../core/effects.js';
import { RaftError } from '../errors.js';

interface PendingTransfer {
  readonly number: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What each outcome but the good one means. */
const MEANINGS: Readonly<Record<Exclude<TransferEndedEffect['outcome'], 'done'>, string>> = {
  elsewhere: 'another member leads now, or none that is known',
  expired:
    'it did not take over within an election timeout, or its process has ended; this member goes on leading',
  replaced: 'another transfer took its place, or the target is no voter any more',
};

/** Calls that wait for the lead to be handed over. */
export class PendingTransfers {
  #transfers: PendingTransfer[] = [];

  /** Waits for the transfer of this number. */
  add(number: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#transfers.push({ number, resolve, reject });
    });
  }

  ended({ number, target, outcome }: Omit<TransferEndedEffect, 'type'>): void {
    const ended = this.#transfers.filter((transfer) => transfer.number === number);
    this.#transfers = this.#transfers.filter((transfer) => transfer.number !== number);
    for (const { resolve, reject } of ended) {
      if (outcome === 'done') {
        resolve();
      } else {
        const message = `the lead did not go to member ${target}: ${MEANINGS[outcome]}`;
        reject(new RaftError('TRANSFER_FAILED', message, { details: { outcome } }));
      }
    }
  }

  failAll(error: Error): void {
    for (const { reject } of this.#transfers) reject(error);
    this.#transfers = [];
  }
}
