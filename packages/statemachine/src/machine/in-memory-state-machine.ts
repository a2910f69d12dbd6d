import type { WireValue } from '@raft-ts/net';
import type { ApplyContext } from './durable-state-machine.js';

/**
 * A state machine that holds its state in memory alone. What it can't lose is in the log and in
 * snapshots, which `InMemoryMachine` has it make and read: it survives a restart by the newest of them and
 * the entries behind it.
 *
 * `apply` is synchronous and deterministic: the same commands with the same contexts give the
 * same state and results on every member. Whatever can go wrong with a command is a result
 * (a definite answer to its client), never an exception: one that escapes stops the member.
 */
export interface InMemoryStateMachine<Command, Query> {
  /**
   * Checks a command as it came from a client (or out of the log, where it was checked before)
   * and gives it the form that `apply` takes. Throws StateMachineError INVALID_COMMAND.
   */
  parseCommand(value: WireValue): Command;

  /** The same for a query; throws StateMachineError INVALID_QUERY. */
  parseQuery(value: WireValue): Query;

  /** Carries out one command and returns its result. Seen by later commands and queries at once. */
  apply(command: Command, context: ApplyContext): WireValue;

  /**
   * Answers from the state as it is. A failure that the client should see is thrown as StateMachineError
   * QUERY_FAILED or a result of the machine's own. Other commands are applied while a promise is waited for.
   */
  query(query: Query, signal?: AbortSignal): WireValue | Promise<WireValue>;

  /**
   * The whole state as it is at this call and the first `next` of what it returns, which follows at once, in
   * chunks of bytes, while `apply` goes on: by data that is copied when it changes (`SnapshotMap`), or that is never
   * changed. Nothing else happens while a chunk is made, so it should take less than a millisecond,
   * as some 64 KiB do. One at a time; where it is not needed any more, `return` is called and waited for.
   */
  snapshot(): AsyncIterable<Uint8Array>;

  /**
   * Takes the place of the state, whatever that is, by what `snapshot` gave: the same bytes, cut in
   * other places. Nothing is applied meanwhile, and no query begins.
   * `version` is the application's when it was made: this one's, or a lower one.
   */
  restore(chunks: AsyncIterable<Uint8Array>, version: number): Promise<void>;
}
