import type { Clock } from '@raft-ts/net';
import { statesAreFetched } from 'raft-ts/core';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import type { ServedReplica } from '../service/served-member.js';
import type { CompactionPolicy } from './compaction-policy.js';

/** Between two looks at the log while entries are applied, milliseconds. */
const LOOK_MS = 1_000;
/** Of `everyBytes`, where the log is cut: it grows until the next look, and while it is cut. */
const CUT_BYTES_SHARE = 15 / 16;
/** Of `everyBytes`, what stays at most. */
const KEPT_BYTES_SHARE = 1 / 2;

export interface CompactionOptions {
  readonly policy: CompactionPolicy;
  readonly machine: Pick<DurableStateMachine<unknown, unknown>, 'flush'>;
  readonly clock: Clock;
  /** The member's, while it takes part. */
  readonly replica: () => ServedReplica | undefined;
}

/**
 * Has the log of one member forget what nobody needs of it. What the machine holds durably is
 * all that may go: a loss of power must not leave the state behind the log's first entry.
 */
export class Compaction {
  readonly #options: CompactionOptions;
  #cancelLook: (() => void) | undefined;
  #compacting = false;
  #closed = false;
  /** The machine holds everything up to here durably. */
  #durableIndex = 0;

  constructor(options: CompactionOptions) {
    this.#options = options;
  }

  /** Entries were applied: the log is looked at soon. */
  applied(): void {
    if (this.#closed || this.#compacting || this.#cancelLook !== undefined) return;
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      this.#cancelLook = undefined;
      this.#look();
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
  }

  #look(): void {
    const replica = this.#options.replica();
    if (replica === undefined) return;
    const { firstIndex, lastIndex, logBytes } = replica.status();
    const { everyEntries, everyBytes } = this.#options.policy;
    if (lastIndex - firstIndex + 1 <= everyEntries && logBytes <= everyBytes * CUT_BYTES_SHARE)
      return;
    const index = this.#compactableIndex(replica);
    if (index >= firstIndex) void this.#compact(replica, index);
    // It may stay above its limit for want of what others hold: that comes without entries.
    this.applied();
  }

  /** The last entry that nobody needs. */
  #compactableIndex(replica: ServedReplica): number {
    const { everyBytes, keepEntries } = this.#options.policy;
    const { applied } = replica.status();
    const keptBytes = Math.floor(everyBytes * KEPT_BYTES_SHARE);
    const margin = Math.max(applied - keepEntries, replica.firstEntryWithin(keptBytes) - 1);
    return Math.min(applied, margin, this.#unneededIndex(replica));
  }

  /** No member needs what comes before, unless it needs too much. */
  #unneededIndex(replica: ServedReplica): number {
    const { everyBytes, heldBytes, overtakeMembers } = this.#options.policy;
    const { heldByAll } = replica.status();
    const { fetchesStates, membership } = replica;
    if (!(overtakeMembers ?? (fetchesStates && statesAreFetched(membership)))) return heldByAll;
    const bound = Math.max(everyBytes, heldBytes);
    return Math.max(heldByAll, replica.firstEntryWithin(bound) - 1);
  }

  /** What is known to be durable goes at once. A member that can't make it so stops. */
  async #compact(replica: ServedReplica, index: number): Promise<void> {
    this.#compacting = true;
    try {
      if (index > this.#durableIndex) this.#durableIndex = await this.#options.machine.flush();
      // Whoever came meanwhile may need more.
      const needless = this.#closed ? 0 : Math.min(index, this.#compactableIndex(replica));
      if (!this.#closed) replica.compact(Math.min(needless, this.#durableIndex));
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
      if (!this.#closed) void replica.stop(error);
    } finally {
      this.#compacting = false;
    }
    this.applied();
  }
}
