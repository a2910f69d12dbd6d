import type { Entry } from '../core/log/entry.js';
import { RaftError } from '../errors.js';

interface PendingChange {
  readonly term: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Changes of the membership that are in the log: each ends when its index is applied, or when this
 * member has known no leader for long. It may have been removed itself, and hear of nothing more.
 */
export class PendingChanges {
  readonly #changes = new Map<number, PendingChange>();
  readonly #maxLeaderlessTicks: number;
  #leaderlessTicks = 0;

  constructor(maxLeaderlessTicks: number) {
    this.#maxLeaderlessTicks = maxLeaderlessTicks;
  }

  /** Resolves when the entry of `term` at `index` has taken effect. */
  add(index: number, term: number): Promise<void> {
    // This member's log has lost the one that it proposed there before. Others may have it still,
    // and one of them lead and commit it (Raft paper, figure 8).
    this.#changes.get(index)?.reject(unknown('another leader has replaced the entry in this log'));
    return new Promise((resolve, reject) => {
      this.#changes.set(index, { term, resolve, reject });
    });
  }

  /** A tick has passed, with or without a leader that is known. */
  tick(hasLeader: boolean): void {
    this.#leaderlessTicks = hasLeader ? 0 : this.#leaderlessTicks + 1;
    if (this.#changes.size === 0 || this.#leaderlessTicks < this.#maxLeaderlessTicks) return;
    this.failAll(unknown('no leader is known to this member'));
  }

  applied(entries: readonly Entry[]): void {
    if (this.#changes.size === 0) return;
    for (const { index, term } of entries) {
      const change = this.#changes.get(index);
      if (change === undefined) continue;
      this.#changes.delete(index);
      if (change.term === term) change.resolve();
      else change.reject(lost());
    }
  }

  /** A state as of `index` was installed: nobody knows which entries led to it. */
  installed(index: number): void {
    for (const [changeIndex, { reject }] of this.#changes) {
      if (changeIndex > index) continue;
      this.#changes.delete(changeIndex);
      reject(unknown('a snapshot took the place of the entry'));
    }
  }

  failAll(error: Error): void {
    for (const { reject } of this.#changes.values()) reject(error);
    this.#changes.clear();
  }
}

function lost(): RaftError {
  return new RaftError(
    'CHANGE_LOST',
    'another leader has put something else in its place: the membership was not changed by this',
  );
}

function unknown(why: string): RaftError {
  return new RaftError(
    'OUTCOME_UNKNOWN',
    `${why}: look at the membership to see what came of the change`,
  );
}
