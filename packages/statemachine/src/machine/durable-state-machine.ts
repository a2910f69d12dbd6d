import type { WireValue } from '@raft-ts/net';

/** What every command of one log entry shares. */
export interface ApplyContext {
  /** The entry's index in the log. */
  readonly index: number;
  /**
   * Milliseconds of the log's time, from its first entry on: never runs back, and advances as the
   * leader's monotonic clock does. For whatever ends after some time.
   */
  readonly logTimeMs: number;
  /** The leader's wall clock, milliseconds since 1970: may jump, and be wrong while that is. */
  readonly wallMs: number;
}

/** A row that the framework keeps beside a machine's own state; `value` undefined deletes it. */
export interface FrameworkRow {
  /** At most 64 bytes. */
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/**
 * A state machine whose own store holds its state together with the index it has applied.
 *
 * `apply` is synchronous and deterministic: the same commands with the same contexts give the
 * same state and results on every member. Whatever can go wrong with a command is a result
 * (a definite answer to its client), never an exception: one that escapes stops the member.
 */
export interface DurableStateMachine<Command, Query> extends AsyncDisposable {
  /**
   * The last index whose effects the store holds; 0 for a new one. Where a snapshot is installed
   * (`FetchedSnapshot.install`), it takes the place of the state, this index and the framework's rows
   * in one step, and the machine shows it from then on.
   */
  readonly appliedIndex: number;

  /**
   * Checks a command as it came from a client (or out of the log, where it was checked before)
   * and gives it the form that `apply` takes. Throws StateMachineError INVALID_COMMAND.
   */
  parseCommand(value: WireValue): Command;

  /** The same for a query; throws StateMachineError INVALID_QUERY. */
  parseQuery(value: WireValue): Query;

  /**
   * Brings into memory what these commands will touch, without holding up the event loop.
   * Returns undefined when everything is there already. Never changes state; never rejects
   * for a command that is merely wrong.
   */
  prefetch(commands: readonly Command[]): Promise<void> | undefined;

  /** Carries out one command in memory and returns its result. Seen by later commands at once. */
  apply(command: Command, context: ApplyContext): WireValue;

  /**
   * Writes everything applied since the last commit, `appliedIndex` and the framework's rows in
   * one atomic batch (not fsynced: the log has it).
   */
  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void;

  /**
   * Makes what is committed survive the loss of power, without holding up the event loop, and
   * resolves with the index up to which that is so: what `appliedIndex` was when it was called or later, or, where
   * that can't be for now, less; the log keeps what is above. Called before the log forgets entries, one at a time. A rejection stops the member.
   */
  flush(): Promise<number>;

  /** The framework's rows as the last commit left them, for the framework to read at start. */
  frameworkRows(): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;

  /**
   * Answers from one moment of the state, at or after the call. A failure that the client
   * should see is thrown as StateMachineError QUERY_FAILED or a result of the machine's own.
   */
  query(query: Query, signal?: AbortSignal): Promise<WireValue>;

  /**
   * Work that the machine wants done through the log, such as the next bounded step of a
   * reclamation, or undefined. Asked on the leader after each applied group; one at a time.
   */
  pendingWork(): WireValue | undefined;

  close(): Promise<void>;
}
