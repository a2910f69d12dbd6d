import type { TransferEndedEffect } from '../core/effects.js';
import type { MemberId } from '../core/log/entry.js';
import { RaftError } from '../errors.js';

interface PendingTransfer {
  readonly target: MemberId;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What each outcome but the good one means. */
const MEANINGS: Readonly<Record<Exclude<TransferEndedEffect['outcome'], 'done'>, string>> = {
  elsewhere: 'another member leads now, or none that is known',
  expired: 'it did not take over within an election timeout; this member goes on leading',
  replaced: 'another transfer took its place, or the target is no voter any more',
};

/** Calls that wait for the lead to be handed over. */
export class PendingTransfers {
  #transfers: PendingTransfer[] = [];

  add(target: MemberId): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#transfers.push({ target, resolve, reject });
    });
  }

  ended({ target, outcome }: Pick<TransferEndedEffect, 'target' | 'outcome'>): void {
    const ended = this.#transfers.filter((transfer) => transfer.target === target);
    this.#transfers = this.#transfers.filter((transfer) => transfer.target !== target);
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
