import type { Clock, WireValue } from '@raft-ts/net';
import { StateMachineError } from '../../errors.js';
import { RpcMethod } from '../../rpc-methods.js';
import type { ClientLimits } from '../client-options.js';
import { parseLeaderAnswer } from '../members/leader-answer.js';
import type { LinkKeeper } from '../members/link-keeper.js';
import type { MemberLink } from '../members/member-link.js';
import type { SessionOpener } from '../session/session-opener.js';
import { attemptError, nextStep, toldBeside } from './attempt-error.js';
import { Operation, type Request } from './operation.js';
import { Outbox } from './outbox.js';

/** How often a client looks at deadlines, pauses and silence, milliseconds. */
export const TICK_MS = 20;

export interface SenderOptions {
  readonly source: LinkKeeper;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly random: () => number;
  /** The client's other one: what both have on their way is limited. */
  readonly other: () => Sender;
  /** Of commands; a sender without one takes queries alone. */
  readonly sessions?: SessionOpener;
  /** Everything is settled. */
  readonly idle: () => void;
}

/** Sends operations to the member that its source finds, again and again until they are settled. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #outbox = new Outbox();
  /** Not settled. */
  readonly #operations = new Set<Operation>();
  /** Of them. */
  #earliestDeadlineMs = Number.POSITIVE_INFINITY;
  /** Of no more use, but they still owe answers. */
  readonly #left = new Set<MemberLink>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Operations that are not settled. */
  get outstanding(): number {
    return this.#operations.size;
  }

  /** Resolves with the answer, or rejects with why there is none; at the latest after `deadlineMs`. */
  ask(request: Request, deadlineMs: number, signal?: AbortSignal): Promise<WireValue> {
    return new Promise((resolve, reject) => {
      const settle = { resolve, reject, settled: this.#settled };
      this.#add(new Operation(request, deadlineMs, settle, signal));
    });
  }

  rejectAll(error: StateMachineError): void {
    for (const operation of this.#operations) operation.reject(error);
  }

  /** Sends what waits, as far as there is a member, a session and room. */
  pump(): void {
    if (this.#operations.size === 0) return;
    const { source, sessions } = this.#options;
    const { link } = source;
    if (link === undefined) return;
    if (this.#outbox.hasCommands) sessions?.open(link);
    while (this.#hasRoom(link) && !link.retired) {
      const operation = this.#outbox.take(sessions?.session);
      if (operation === undefined) return;
      this.#send(operation, link);
    }
  }

  /** Half is this one's in any case, so that what hangs at one member holds up nothing else. */
  #hasRoom({ inFlight }: MemberLink): boolean {
    const { maxInFlight } = this.#options.limits;
    const other = this.#options.other();
    const ownLimit = other.outstanding === 0 ? maxInFlight : maxInFlight / 2;
    return inFlight < ownLimit && inFlight + other.#options.source.inFlight < maxInFlight;
  }

  /** There is room again, for whom there was none before first. */
  #goOn(): void {
    this.#options.other().pump();
    this.pump();
  }

  /** Looks after deadlines, pauses and silence. */
  tick(nowMs: number): void {
    if (nowMs >= this.#earliestDeadlineMs) this.#expire(nowMs);
    if (this.#operations.size === 0) return;
    this.#outbox.wake(nowMs);
    const { link } = this.#options.source;
    if (link !== undefined) this.#listen(link);
    for (const left of this.#left) {
      if (left.inFlight > 0) this.#listen(left);
      else this.#left.delete(left);
    }
    this.pump();
  }

  /** An attempt to open a session has ended. */
  sessionEnded(link: MemberLink, error: StateMachineError | undefined): void {
    link.heard();
    if (error === undefined) link.served = true;
    else if (nextStep(error.code) === 'other-member') this.#leave(link);
    this.pump();
  }

  /** Nothing more is done for it. */
  readonly #settled = (operation: Operation): void => {
    this.#operations.delete(operation);
    this.#outbox.tidy(this.#operations.size);
    if (this.#operations.size > 0) return;
    this.#earliestDeadlineMs = Number.POSITIVE_INFINITY;
    this.#outbox.clear();
    this.#options.source.rest();
    this.#options.idle();
  };

  #expire(nowMs: number): void {
    this.#earliestDeadlineMs = Number.POSITIVE_INFINITY;
    for (const operation of this.#operations) {
      if (operation.deadlineMs <= nowMs) operation.reject(this.#lateness(operation));
      else this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, operation.deadlineMs);
    }
  }

  /** Why this operation has no answer when its time is over. */
  #lateness(operation: Operation): StateMachineError {
    const { source, sessions } = this.#options;
    const opening = operation.request.kind === 'command' && operation.session === undefined;
    const problem =
      operation.problem ?? (opening ? sessions?.problem : undefined) ?? source.problem;
    const because = problem === undefined ? '' : `; the last attempt: ${problem.message}`;
    if (operation.outcome === 'unknown') {
      const message = `the time was over; the command was sent, and may take effect${because}`;
      return new StateMachineError('OUTCOME_UNKNOWN', message, { outcome: 'unknown' });
    }
    if (problem !== undefined && isLasting(problem)) return problem;
    return source.link === undefined
      ? new StateMachineError('UNAVAILABLE', `no ${source.whom} was found in time${because}`)
      : new StateMachineError('DEADLINE_EXCEEDED', `there was no answer in time${because}`);
  }

  #send(operation: Operation, link: MemberLink): void {
    const { request, session } = operation;
    const timeoutMs = Math.max(1, operation.deadlineMs - this.#options.clock.monotonicMs());
    operation.link = link;
    link.sent();
    const answer =
      request.kind !== 'command'
        ? link.connection.request(request.method, request.body(timeoutMs))
        : link.connection.request(RpcMethod.Command, [
            session?.id,
            operation.sequence,
            session?.acknowledgedBelow,
            request.value,
            timeoutMs,
          ]);
    answer.then(
      (result) => this.#answered(operation, link, result),
      (error: unknown) => this.#attemptFailed(operation, link, error),
    );
  }

  /** Also the answer to an earlier attempt is the result: both attempts are one command. */
  #answered(operation: Operation, link: MemberLink, result: WireValue): void {
    link.served = true;
    link.heard();
    if (!operation.settled) operation.resolve(result);
    this.#goOn();
  }

  #attemptFailed(operation: Operation, link: MemberLink, cause: unknown): void {
    link.heard();
    const error = attemptError(cause, link.connection.open);
    const { leader, answer } = toldBeside(cause);
    // A member that names the leader serves well: this query alone is none that it can answer.
    const asksLeader =
      error.code === 'NOT_LEADER' && leader !== undefined && this.#options.sessions === undefined;
    if (nextStep(error.code) === 'other-member' && !asksLeader) this.#leave(link);
    else link.served = true;
    // An earlier attempt's end tells nothing about the one that is on its way now.
    if (!operation.settled && operation.link === link) {
      if (asksLeader) this.#handOver(operation, error);
      else if (error.code === 'COMMAND_REFUSED') this.#refused(operation, answer);
      else this.#next(operation, error);
    }
    this.#goOn();
  }

  /** The other sender, who finds the leader, goes on with it. */
  #handOver(operation: Operation, error: StateMachineError): void {
    operation.link = undefined;
    operation.problem = error;
    this.#options.other().#take(operation);
    this.#settled(operation);
  }

  #take(operation: Operation): void {
    operation.settledTo(this.#settled);
    this.#add(operation);
  }

  #add(operation: Operation): void {
    this.#operations.add(operation);
    this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, operation.deadlineMs);
    this.#outbox.add(operation);
    this.pump();
  }

  /** Nothing is done by this attempt; an earlier one may take effect still. */
  #refused(operation: Operation, answer: WireValue): void {
    operation.link = undefined;
    if (!operation.inDoubt) {
      operation.resolve(answer);
      return;
    }
    const message =
      'the command was refused when it came again; the first time it may have taken effect';
    operation.reject(new StateMachineError('OUTCOME_UNKNOWN', message, { outcome: 'unknown' }));
  }

  #next(operation: Operation, error: StateMachineError): void {
    operation.link = undefined;
    operation.problem = error;
    if (error.outcome === 'unknown') operation.inDoubt = true;
    switch (nextStep(error.code)) {
      case 'other-member':
      case 'retry-now':
        this.#outbox.add(operation);
        break;
      case 'retry-later':
        this.#later(operation);
        break;
      case 'new-session':
        this.#inNewSession(operation, error);
        break;
      case 'reject':
        operation.reject(error);
        break;
    }
  }

  #later(operation: Operation): void {
    const { clock, limits, random } = this.#options;
    const { minBackoffMs, maxOverloadBackoffMs } = limits;
    const pauseMs = Math.min(minBackoffMs * 2 ** operation.refusals++, maxOverloadBackoffMs);
    this.#outbox.addLater(operation, clock.monotonicMs() + pauseMs * (0.5 + random() / 2));
  }

  /** In another session a command that may have taken effect could take effect a second time. */
  #inNewSession(operation: Operation, { code }: StateMachineError): void {
    this.#options.sessions?.lost(operation.session);
    if (operation.outcome === 'unknown') {
      const message = 'the session ended before the outcome was known';
      operation.reject(new StateMachineError(code, message));
      return;
    }
    operation.session = undefined;
    this.#outbox.add(operation);
  }

  /** Looks for another member; what is on its way over this link may still be answered. */
  #leave(link: MemberLink): void {
    this.#options.source.leave(link);
    if (link.inFlight > 0) this.#left.add(link);
  }

  /**
   * A member that says nothing for long is asked whether it is still the one to ask; one that has
   * nothing to say to that either may have been replaced, or hangs. Counted in ticks: a process that
   * was stopped itself has not listened.
   */
  #listen(link: MemberLink): void {
    if (link.inFlight === 0) return;
    const { doubtMs, silenceMs } = this.#options.limits;
    const quiet = ++link.quietTicks;
    const doubt = Math.ceil(doubtMs / TICK_MS);
    const limit = Math.ceil(silenceMs / TICK_MS);
    if (quiet === Math.min(doubt, limit)) this.#ping(link);
    if (quiet === 2 * doubt) this.#options.source.doubt(link, () => this.#passOver(link));
    if (quiet >= 2 * limit) this.#hangs(link);
  }

  #ping(link: MemberLink): void {
    link.inFlight++;
    link.connection.request(RpcMethod.FindLeader, [0, 0]).then(
      (answer) => {
        link.heard();
        const { source, limits } = this.#options;
        if (source.isRight(parseLeaderAnswer(answer))) return;
        // No more copies than that of what nobody answers.
        if (link.retired || this.#owedByLeft() < limits.maxInFlight) this.#passOver(link);
        else this.#hangs(link);
      },
      () => {
        link.heard();
        this.#hangs(link);
      },
    );
  }

  /** Answers that members still owe which were left. */
  #owedByLeft(): number {
    return [...this.#left].reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  #hangs(link: MemberLink): void {
    this.#passOver(link);
    void link.connection.close();
  }

  /** What was sent there is sent to the next member; late answers are still welcome. */
  #passOver(link: MemberLink): void {
    this.#leave(link);
    this.#options.sessions?.gaveUp(link);
    const message = `${link.connection.address} does not answer`;
    const error = new StateMachineError('UNAVAILABLE', message, { outcome: 'unknown' });
    for (const operation of this.#operations) {
      if (operation.link === link) this.#next(operation, error);
    }
    this.pump();
  }
}

/** Whether it says more than that no member could be asked. */
function isLasting({ code }: StateMachineError): boolean {
  return nextStep(code) === 'retry-later' || code === 'ANSWER_INVALID';
}
