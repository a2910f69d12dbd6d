import { invariant } from '../invariant.js';
import { type Entry, EntryType, type MemberId } from '../log/entry.js';
import type { Membership } from './membership.js';
import { decodeMembershipRecord } from './membership-record.js';
import { nextMembership } from './next-membership.js';

/**
 * The memberships of a log, one after the other: which was in force as of each index from the
 * log's base on, and which changes wait behind what is applied. A change takes effect when its
 * entry is applied; one whose entry is cut off the log before never does.
 */
export class MembershipHistory {
  /** Ascending by index; the last one is in force. */
  #history: Membership[];
  /** Entries that are in the log and not applied, ascending. */
  #pending: Entry[] = [];

  constructor(base: Membership, entries: readonly Entry[], applied: number) {
    this.#history = [base];
    for (const entry of entries) this.append(entry);
    this.applyTo(applied);
  }

  /** In force. */
  get current(): Membership {
    const last = this.#history.at(-1);
    invariant(last !== undefined, 'there is always a membership');
    return last;
  }

  append(entry: Entry): void {
    if (entry.type === EntryType.Membership) this.#pending.push(entry);
  }

  /** Forgets changes at `index` and behind it: their entries were cut off the log. */
  truncateFrom(index: number): void {
    while ((this.#pending.at(-1)?.index ?? 0) >= index) this.#pending.pop();
  }

  /** Whether the log says, in an entry that is applied or not, that `id` was heard from. */
  hasHeard(id: MemberId): boolean {
    if (!this.current.unheard.includes(id)) return true;
    return this.#pending.some(({ data }) => {
      const record = decodeMembershipRecord(data);
      return record.kind === 'heard' && record.ids.includes(id);
    });
  }

  /** Whether an entry up to `index` changes the membership and is not applied. */
  pendingUpTo(index: number): boolean {
    const first = this.#pending[0];
    return first !== undefined && first.index <= index;
  }

  /** The last entry up to `index` that changes the membership, applied or not. */
  newestUpTo(index: number): number {
    return this.#pending.findLast((entry) => entry.index <= index)?.index ?? this.current.index;
  }

  /**
   * Entries up to here are committed, as changes are made one at a time: a leader appends one only
   * when it has applied all before it.
   */
  get impliedCommit(): number {
    return this.#pending.at(-2)?.index ?? 0;
  }

  /** Lets the changes up to `index` take effect. True when there were any. */
  applyTo(index: number): boolean {
    let changed = false;
    for (let entry = this.#pending[0]; entry !== undefined && entry.index <= index; ) {
      const record = decodeMembershipRecord(entry.data);
      this.#history.push(nextMembership(this.current, record, entry.index, entry.term));
      this.#pending.shift();
      changed = true;
      entry = this.#pending[0];
    }
    return changed;
  }

  /** The one in force as of `index`, which is not below the log's base. */
  at(index: number): Membership {
    const found = this.#history.findLast((membership) => membership.index <= index);
    invariant(found !== undefined, `no membership is known as of ${index}`);
    return found;
  }

  /** What was in force before `index` is not asked for any more. */
  compact(index: number): void {
    const first = this.#history.findLastIndex((membership) => membership.index <= index);
    if (first > 0) this.#history = this.#history.slice(first);
  }

  /** A snapshot takes the place of everything. */
  reset(membership: Membership): void {
    this.#history = [membership];
    this.#pending = [];
  }
}
