import type { Entry } from '../core/log/entry.js';

/** What a replica drives: the state machine's side of a member. */
export interface Applier {
  /** The last entry whose effects the state machine's durable state holds, when it starts. */
  readonly appliedIndex: number;

  /**
   * The term of that entry, if the durable state holds it. Then a state of another history than the log's, as
   * after an older copy of a member's data was put back, stops the member (LOG_CONTRADICTED); without,
   * nobody notices it where the log that led to it was lost.
   */
  readonly appliedTerm?: number | undefined;

  /**
   * Entries that have just come into this member's log and may be committed soon: a chance to
   * fetch what they will touch. They can be replaced by others at the same indexes. Must not throw.
   */
  appended(entries: readonly Entry[]): void;

  /**
   * Applies committed entries: contiguous, in order, each once (also Empty ones, which change
   * nothing but the applied index). Returns a promise when it has to wait; the next call comes
   * after that. An exception or rejection stops the member: its state can't be trusted any more.
   */
  apply(entries: readonly Entry[]): Promise<void> | undefined;

  /**
   * A state as of `index` was installed (`FetchedSnapshot.install`) and lies where the state machine
   * keeps its own: what this side holds in memory of the former one has to be read anew. Nothing is
   * applied until it resolves; a rejection stops the member.
   */
  installed?(index: number): Promise<void>;
}
