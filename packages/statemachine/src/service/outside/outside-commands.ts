import type { RpcFailure, RpcResponder, WireValue } from '@raft-ts/net';
import { RaftError } from 'raft-ts';
import { failure, StateMachineError } from '../../errors.js';
import type { SessionTable } from '../../sessions/session-table.js';
import type { Proposer } from '../proposing/proposer.js';
import { readFailure } from '../reading/read-failure.js';
import type { ServedMember } from '../served-member.js';
import { CommandAtWork, type SentCommand } from './command-at-work.js';
import type { OutsideWork, Prepared } from './outside-work.js';

export interface OutsideCommandsOptions<Command> {
  readonly outside: Pick<OutsideWork<Command, never>, 'prepare' | 'settle'>;
  readonly member: ServedMember;
  readonly proposer: Pick<Proposer, 'admits' | 'enqueue' | 'hold' | 'refuseWaiting'>;
  readonly sessions: Pick<SessionTable, 'isOver'>;
}

/**
 * Takes commands to the log and back by way of what belongs to them outside of it. What takes time there counts among the
 * proposer's pending items until it has ended.
 */
export class OutsideCommands<Command> {
  readonly #options: OutsideCommandsOptions<Command>;
  /** Being prepared or settled, and not answered. */
  readonly #working = new Set<CommandAtWork<Command>>();
  /** By session and sequence: those whose preparing or settling took time, until they are answered. */
  readonly #bySequence = new Map<string, CommandAtWork<Command>>();
  /** Of the lead that commands are taken in; Infinity while there is none. */
  #term = Number.POSITIVE_INFINITY;
  /** What former leaders committed is applied. Undefined: nobody has asked for it in this lead. */
  #caughtUp: Promise<void> | 'yes' | undefined;
  readonly #events = {
    carriedOut: (work: CommandAtWork<Command>, result: WireValue) => this.#settle(work, result),
    answered: (work: CommandAtWork<Command>) => this.#answered(work),
  };

  constructor(options: OutsideCommandsOptions<Command>) {
    this.#options = options;
  }

  /** Answers once the command is carried out and settled, or is not to be. This member leads. */
  submit(sent: SentCommand<Command>, responder: RpcResponder): void {
    const { proposer, sessions } = this.#options;
    const earlier =
      this.#bySequence.size === 0 ? undefined : this.#bySequence.get(sequenceOf(sent));
    if (earlier !== undefined) {
      earlier.join(responder);
      return;
    }
    if (!proposer.admits(sent.encoded.byteLength, responder)) return;
    const work = new CommandAtWork(sent, this.#term, responder, this.#events);
    // Nothing will be done for one that was carried out: its session has the result, or says why not.
    if (sessions.isOver(sent.session, sent.sequence)) {
      this.#propose(work);
      return;
    }
    let preparing: Promise<Prepared | undefined> | undefined;
    try {
      preparing = this.#caughtUp === 'yes' ? this.#prepare(work) : this.#prepareLater(work);
    } catch (error) {
      work.failed(this.#notPrepared(error));
      return;
    }
    if (preparing === undefined) this.#propose(work);
    else void this.#prepared(work, preparing);
  }

  /** This member leads in this term (Infinity: not at all); what began in others ends. */
  leads(term: number): void {
    if (term === this.#term) return;
    this.#term = term;
    this.#caughtUp = undefined;
    const { member, proposer } = this.#options;
    // Prepared in another lead: others may have led, and done something outside, in between.
    proposer.refuseWaiting(member.notLeader());
    this.#endAll(member.notLeader());
  }

  expire(nowMs: number): void {
    for (const work of this.#working) {
      if (work.sent.deadlineMs > nowMs) continue;
      work.failed(work.phase === 'preparing' ? NOT_PREPARED : NOT_SETTLED);
    }
  }

  /** This member has stopped. */
  close(): void {
    this.#endAll(this.#options.member.stoppedFailure());
  }

  #endAll(told: RpcFailure): void {
    for (const work of this.#working) {
      work.failed(work.phase === 'preparing' ? told : this.#options.member.outcomeUnknown());
    }
  }

  #prepare({ sent, until }: CommandAtWork<Command>): Promise<Prepared> | undefined {
    return this.#options.outside.prepare(sent.command, until);
  }

  /**
   * A new leader may have entries of others that it has not applied yet, this command's earlier attempt among
   * them: nothing is prepared before it has.
   */
  async #prepareLater(work: CommandAtWork<Command>): Promise<Prepared | undefined> {
    if (this.#caughtUp === undefined) this.#caughtUp = this.#catchUp(work.term);
    await this.#caughtUp;
    if (work.isAnswered || this.#options.sessions.isOver(work.sent.session, work.sent.sequence)) {
      return undefined;
    }
    return await this.#prepare(work);
  }

  async #catchUp(term: number): Promise<void> {
    try {
      await new Promise<void>((ready, failed) =>
        this.#options.member.replica?.read({ ready, failed }),
      );
      if (term === this.#term) this.#caughtUp = 'yes';
    } catch (error) {
      if (term === this.#term) this.#caughtUp = undefined;
      throw error;
    }
  }

  async #prepared(
    work: CommandAtWork<Command>,
    preparing: Promise<Prepared | undefined>,
  ): Promise<void> {
    const letGo = this.#hold(work);
    try {
      const prepared = await preparing;
      if (prepared !== undefined && 'answer' in prepared) work.failed(refusal(prepared.answer));
      else if (prepared !== undefined) work.holds(prepared);
    } catch (error) {
      work.failed(this.#notPrepared(error));
    } finally {
      letGo();
    }
    if (!work.isAnswered) this.#propose(work);
  }

  #propose(work: CommandAtWork<Command>): void {
    work.phase = 'proposed';
    this.#working.delete(work);
    this.#options.proposer.enqueue(work.sent.encoded, work.sent.deadlineMs, work);
  }

  #settle(work: CommandAtWork<Command>, result: WireValue): void {
    work.phase = 'settling';
    const { command } = work.sent;
    let settling: Promise<WireValue> | undefined;
    try {
      settling = this.#options.outside.settle(command, result, work.until);
    } catch (error) {
      work.failed(notSettled(error));
      return;
    }
    if (settling === undefined) {
      work.answer(result);
      return;
    }
    const letGo = this.#hold(work);
    void settling
      .then(
        (answer) => work.answer(answer),
        (error: unknown) => work.failed(notSettled(error)),
      )
      .finally(letGo);
  }

  /** Its work outside takes time; what is returned says that it has ended. */
  #hold(work: CommandAtWork<Command>): () => void {
    const { proposer } = this.#options;
    const { encoded } = work.sent;
    const sequence = sequenceOf(work.sent);
    this.#working.add(work);
    if (!this.#bySequence.has(sequence)) this.#bySequence.set(sequence, work);
    proposer.hold(1, encoded.byteLength);
    return () => proposer.hold(-1, -encoded.byteLength);
  }

  #answered(work: CommandAtWork<Command>): void {
    this.#working.delete(work);
    if (this.#bySequence.size === 0) return;
    const sequence = sequenceOf(work.sent);
    if (this.#bySequence.get(sequence) === work) this.#bySequence.delete(sequence);
  }

  #notPrepared(error: unknown): RpcFailure {
    if (error instanceof RaftError) return readFailure(this.#options.member, error);
    if (!(error instanceof StateMachineError)) return failure('COMMAND_FAILED', textOf(error));
    if (error.code === 'NOT_LEADER') return this.#options.member.notLeader();
    return failure(error.code, error.message, error.outcome);
  }
}

const NOT_PREPARED = failure(
  'DEADLINE_EXCEEDED',
  'what belongs to the command outside of the log was not ready in its time; nothing was proposed',
);
const NOT_SETTLED = failure(
  'OUTCOME_UNKNOWN',
  'the command was carried out, but what belongs to it outside of the log was not done in its time',
  'unknown',
);

function sequenceOf({ session, sequence }: SentCommand<unknown>): string {
  return `${session}:${sequence}`;
}

/** Not an answer that says that the command was carried out: the client knows whether an earlier attempt may be. */
function refusal(answer: WireValue): RpcFailure {
  const message = 'the command was refused by what belongs to it outside of the log';
  return { code: 'COMMAND_REFUSED', message, details: { outcome: 'definite', answer } };
}

/** It was carried out, whatever the error says. */
function notSettled(error: unknown): RpcFailure {
  const code = error instanceof StateMachineError ? error.code : 'OUTCOME_UNKNOWN';
  return failure(code, textOf(error), 'unknown');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
