import type { WireValue } from '@raft-ts/net';

/** How long work outside of the log may go on. */
export interface Deadline {
  /** On the monotonic clock, milliseconds. */
  readonly deadlineMs: number;
  /**
   * Aborts within some 50 ms once that has passed, and when the member has stopped or, for what belongs to a command, lost
   * the lead; its reason is what the client is told. Nothing waits for the work any more then, which should end: until it
   * does it takes a place of `maxPendingItems`, or of `maxPendingQueries`.
   */
  readonly signal: AbortSignal;
}

/** What `OutsideWork.prepare` comes to. */
export type Prepared =
  /**
   * The command is proposed. `release` is called once, when its client has been answered for whatever reason: carried out and
   * settled, refused, late, lead lost, stopped. Where the outcome is unknown the command may still take effect after that.
   * What it throws is uncaught, or stops the member.
   */
  | { readonly release: () => void }
  /**
   * The client has this answer, and nothing is proposed or saved: a refusal, which must leave everything as it was. Where an
   * earlier attempt may still take effect, the client gets OUTCOME_UNKNOWN instead.
   */
  | { readonly answer: WireValue };

/**
 * What belongs to commands and queries of a state machine and goes on outside of the log, where time passes: in other
 * storage systems, say. All of it is called on one member, the one that was asked.
 *
 * A command may come more than once: its client asks again when it got no answer, this leader or the next. While an attempt is
 * being prepared or settled, another one at the same leader waits for its outcome instead. One that was carried out is not
 * prepared again, but settled again, perhaps at the same time. One that was prepared and not carried out is prepared again:
 * both have to bear that. Commands of one client that are outstanding together may overtake each other here,
 * as they may in the log.
 *
 * What is thrown, or rejected with: a StateMachineError reaches the client with its code. Of a command, anything else is
 * COMMAND_FAILED before it is proposed, definitely; afterwards OUTCOME_UNKNOWN, and every error's outcome is unknown. Of a
 * query it is QUERY_FAILED.
 */
export interface OutsideWork<Command, Query> {
  /**
   * On the leader, before a command is proposed; the machine's state holds all that former leaders have committed. Undefined:
   * it is proposed at once.
   */
  prepare(command: Command, until: Deadline): Promise<Prepared> | undefined;

  /**
   * On the leader, once a command is applied and before its client is answered; also where that asks again, and gets the
   * result that was saved. Resolves with the answer; undefined: the result is the answer.
   */
  settle(command: Command, result: WireValue, until: Deadline): Promise<WireValue> | undefined;

  /**
   * On the member that was asked, once its state is as fresh as the query asks for. Undefined: the machine answers now.
   * Resolves with an answer, or with undefined: then it is asked again, in another turn of the event loop. A member that
   * does not lead may reject with NOT_LEADER, whatever the consistency: the client asks the leader then.
   */
  ready(query: Query, until: Deadline): Promise<WireValue> | undefined;

  /**
   * This member begins to lead in a term, or (undefined) does so no more. What former leaders have committed may not be
   * applied yet when it begins.
   */
  leads(term: number | undefined): void;
}
