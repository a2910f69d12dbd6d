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
 * Entries of the log, decoded once each: on the leader when proposed, elsewhere when they come
 * into the log, and forgotten when applied. By payload, which stays the same object as long as
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

  /** The leader knows what it proposes. */
  remember(payload: Uint8Array, content: EntryContent<Command>): void {
    this.#byPayload.set(payload, { content, fetching: undefined, fetchError: undefined });
  }

  /**
   * Decodes entries that may be committed soon, and begins to fetch what they will touch. Those
   * too far above `appliedIndex` wait until they are applied.
   */
  appended(entries: readonly Entry[], appliedIndex: number): void {
    for (const entry of entries) {
      if (entry.type !== EntryType.Command || entry.index > appliedIndex + this.#maxAhead) continue;
      const decoded = this.#byPayload.get(entry.data) ?? this.#decode(entry);
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
    const content = decodeEntry(entry.index, entry.data, (value) =>
      this.#machine.parseCommand(value),
    );
    const decoded = { content, fetching: undefined, fetchError: undefined };
    this.#fetch(decoded);
    return decoded;
  }

  /** An entry that is not committed may still go: it is reported when it is to be applied. */
  #decode(entry: Entry): DecodedEntry<Command> | undefined {
    try {
      const content = decodeEntry(entry.index, entry.data, (value) =>
        this.#machine.parseCommand(value),
      );
      return { content, fetching: undefined, fetchError: undefined };
    } catch {
      return undefined;
    }
  }

  #fetch(decoded: DecodedEntry<Command>): void {
    const commands: Command[] = [];
    for (const item of decoded.content.items) {
      if (item.kind === 'command' || item.kind === 'work') commands.push(item.command);
    }
    if (commands.length === 0) return;
    const fetching = this.#machine.prefetch(commands);
    if (fetching === undefined) return;
    decoded.fetching = fetching.then(
      () => {
        decoded.fetching = undefined;
      },
      (error: unknown) => {
        decoded.fetching = undefined;
        decoded.fetchError = error;
      },
    );
  }
}
