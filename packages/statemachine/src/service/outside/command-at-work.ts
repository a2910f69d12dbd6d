import type { RpcFailure, RpcResponder, WireValue } from '@raft-ts/net';
import { failure, parseFailure } from '../../errors.js';
import { LazyDeadline } from './lazy-deadline.js';
import type { Prepared } from './outside-work.js';

/** A command as its client sent it. */
export interface SentCommand<Command> {
  readonly command: Command;
  readonly session: number;
  readonly sequence: number;
  /** As it stands in the entry. */
  readonly encoded: Uint8Array;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
}

export interface CommandEvents<Command> {
  /** The log has this result. */
  readonly carriedOut: (work: CommandAtWork<Command>, result: WireValue) => void;
  /** Its client has an answer. */
  readonly answered: (work: CommandAtWork<Command>) => void;
}

/** One command on its way: prepared, proposed, settled. Its client gets one answer, whatever ends it. */
export class CommandAtWork<Command> implements RpcResponder {
  readonly sent: SentCommand<Command>;
  readonly until: LazyDeadline;
  /** Of the lead that it began in. */
  readonly term: number;
  phase: 'preparing' | 'proposed' | 'settling' = 'preparing';
  readonly #events: CommandEvents<Command>;
  /** Undefined once the client has its answer. */
  #responder: RpcResponder | undefined;
  #prepared: (Prepared & { readonly release: () => void }) | undefined;

  constructor(
    sent: SentCommand<Command>,
    term: number,
    responder: RpcResponder,
    events: CommandEvents<Command>,
  ) {
    this.sent = sent;
    this.term = term;
    this.until = new LazyDeadline(sent.deadlineMs);
    this.#responder = responder;
    this.#events = events;
  }

  get isAnswered(): boolean {
    return this.#responder === undefined;
  }

  /** What it holds is let go of with the answer; now, where that was given already. */
  holds(prepared: Prepared & { readonly release: () => void }): void {
    if (this.isAnswered) prepared.release();
    else this.#prepared = prepared;
  }

  /** The client asks again: it waits for the answer here, and no longer where it asked before. */
  join(later: RpcResponder): void {
    const earlier = this.#responder;
    this.#responder = later;
    earlier?.failed(
      failure(
        'OUTCOME_UNKNOWN',
        'the command came again; the later attempt is answered',
        'unknown',
      ),
    );
  }

  /** From the log. */
  done(result: WireValue): void {
    if (!this.isAnswered) this.#events.carriedOut(this, result);
  }

  failed(told: RpcFailure): void {
    if (this.isAnswered) return;
    this.#answer((responder) => responder.failed(told));
    this.until.end(parseFailure(told));
  }

  answer(value: WireValue): void {
    if (!this.isAnswered) this.#answer((responder) => responder.done(value));
  }

  #answer(tell: (responder: RpcResponder) => void): void {
    const responder = this.#responder;
    this.#responder = undefined;
    this.#events.answered(this);
    if (responder !== undefined) tell(responder);
    this.#prepared?.release();
  }
}
