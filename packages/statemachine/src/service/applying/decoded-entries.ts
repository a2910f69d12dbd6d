import { type Entry, EntryType } from 'raft-ts';
import { decodeEntry, type EntryContent } from '../../entries/entry-codec.js';
import type { DurableStateMachine } from '../../machine/durable-state-machine.js';

/** An entry's content, and the fetching of what it will touch. */
export interface DecodedEntry<Command> {
  readonly content: EntryContent<Command>;
  /** Under way; resolves also when it failed. */
  fetching: Promise<void> | undefined;
  fetchError: unknown;
}

type Machine<Command> = Pick<DurableStateMachine<Command, unknown>, 'parseCommand' | 'prefetch'>;

/**
 * Entries of the log, decoded once each, when they come into the log, and forgotten when applied.
 * The leader too applies what it decodes: every member applies one value. By payload, which stays the same object as long as
 * the log keeps the entry in memory; one read back from disk is decoded again.
 */
export class DecodedEntries<Command> {
  readonly #machine: Machine<Command>;
  readonly #maxAhead: number;
  readonly #byPayload = new WeakMap<Uint8Array, DecodedEntry<Command>>();

  constructor(machine: Machine<Command>, maxAhead: number) {
    this.#machine = machine;
    this.#maxAhead = maxAhead;
  }

  /**
   * Decodes entries that may be committed soon, and begins to fetch what they will touch. Those
   * too far above `appliedIndex` wait until they are applied.
   */
  appended(entries: readonly Entry[], appliedIndex: number): void {
    for (const entry of entries) {
      if (entry.type !== EntryType.Command || entry.index > appliedIndex + this.#maxAhead) continue;
      const decoded = this.#tryDecode(entry);
      if (decoded === undefined) continue;
      this.#byPayload.set(entry.data, decoded);
      this.#fetch(decoded);
    }
  }

  /** For an entry that is applied now. What can't be decoded throws InvariantBroken. */
  take(entry: Entry): DecodedEntry<Command> {
    const known = this.#byPayload.get(entry.data);
    if (known !== undefined) {
      this.#byPayload.delete(entry.data);
      return known;
    }
    const decoded = this.#decode(entry);
    this.#fetch(decoded);
    return decoded;
  }

  #decode({ index, data }: Entry): DecodedEntry<Command> {
    const content = decodeEntry(index, data, (value) => this.#machine.parseCommand(value));
    return { content, fetching: undefined, fetchError: undefined };
  }

  /** An entry that is not committed may still go: it is reported when it is to be applied. */
  #tryDecode(entry: Entry): DecodedEntry<Command> | undefined {
    try {
      return this.#decode(entry);
    } catch {
      return undefined;
    }
  }

  #fetch(decoded: DecodedEntry<Command>): void {
    const commands = decoded.content.items.flatMap((item) =>
      item.kind === 'command' || item.kind === 'work' ? [item.command] : [],
    );
    if (commands.length === 0) return;
    const fetching = this.#machine.prefetch(commands);
    if (fetching === undefined) return;
    decoded.fetching = fetching
      .catch((error: unknown) => {
        decoded.fetchError = error;
      })
      .then(() => {
        decoded.fetching = undefined;
      });
  }
}
