import type { WireValue } from '@raft-ts/net';
import { type Entry, EntryType, InvariantBroken } from 'raft-ts';
import type { DurableStateMachine } from '../../machine/durable-state-machine.js';
import type { SessionRefusal, SessionTable } from '../../sessions/session-table.js';
import type { StateHash } from '../../state-hash/state-hash.js';
import { DecodedEntries, type DecodedEntry } from './decoded-entries.js';
import { applyEntry } from './entry-applier.js';

/** What an entry's items are answered with, item by item; none for an entry of Raft's own. */
export type Answers = readonly (WireValue | SessionRefusal)[];

export interface ApplyingOptions<Command> {
  readonly machine: DurableStateMachine<Command, unknown>;
  readonly sessions: SessionTable;
  readonly stateHash: StateHash;
  /** Entries decoded, and their keys fetched, before they are committed. */
  readonly maxEntriesAhead: number;
  /** An entry's effects are committed to the machine. */
  readonly applied: (entry: Entry, answers: Answers) => void;
}

/** Carries out what is committed: decoded and fetched ahead, one commit of the machine a group. */
export class Applying<Command> {
  readonly #options: ApplyingOptions<Command>;
  readonly #decoded: DecodedEntries<Command>;

  constructor(options: ApplyingOptions<Command>) {
    this.#options = options;
    this.#decoded = new DecodedEntries(options.machine, options.maxEntriesAhead);
  }

  /** These came into the log, and may be committed soon. */
  appended(entries: readonly Entry[]): void {
    this.#decoded.appended(entries, this.#options.machine.appliedIndex);
  }

  /** These are committed, and follow the last one applied. What goes wrong stops the member. */
  apply(entries: readonly Entry[]): Promise<void> | undefined {
    const first = entries[0]?.index;
    const { appliedIndex } = this.#options.machine;
    if (first !== appliedIndex + 1) {
      throw new InvariantBroken(`entry ${first} comes to be applied after ${appliedIndex}`);
    }
    const decoded = entries.map((entry) =>
      entry.type === EntryType.Command ? this.#decoded.take(entry) : undefined,
    );
    const fetching = decoded.flatMap((entry) => entry?.fetching ?? []);
    if (fetching.length > 0) {
      return Promise.all(fetching).then(() => this.#applyNow(entries, decoded));
    }
    this.#applyNow(entries, decoded);
    return undefined;
  }

  #applyNow(
    entries: readonly Entry[],
    decoded: readonly (DecodedEntry<Command> | undefined)[],
  ): void {
    const { machine, sessions, stateHash, applied } = this.#options;
    const answers = entries.map((entry, i) => this.#applyOne(entry, decoded[i]));
    machine.commit(entries.at(-1)?.index ?? 0, [...sessions.takeRows(), ...stateHash.takeRows()]);
    // What it would answer may be wrong. It stays written that it diverged: it says so at each start.
    if (stateHash.error !== undefined) throw stateHash.error;
    for (const [i, entry] of entries.entries()) applied(entry, answers[i] ?? []);
  }

  #applyOne(entry: Entry, decoded: DecodedEntry<Command> | undefined): Answers {
    if (decoded === undefined) {
      this.#options.stateHash.applied(entry, [], false);
      return [];
    }
    if (decoded.fetchError !== undefined) throw decoded.fetchError;
    return applyEntry(this.#options, entry, decoded.content);
  }
}
