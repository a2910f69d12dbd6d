import { Backoff, type Clock, type WireValue } from '@raft-ts/net';
import { StateMachineError } from '../../errors.js';
import { RpcMethod } from '../../rpc-methods.js';
import type { ClientLimits } from '../client-options.js';
import type { MemberLink } from '../members/member-link.js';
import { attemptError, nextStep } from '../sending/attempt-error.js';
import { ClientSession } from './client-session.js';

export interface SessionOpenerOptions {
  readonly limits: ClientLimits;
  readonly clock: Clock;
  readonly random: () => number;
  /** An attempt to open one has ended; undefined: there is a session. */
  readonly ended: (link: MemberLink, error: StateMachineError | undefined) => void;
}

/** The client's session, and how it gets one. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  /** The one that commands are sent in. */
  session: ClientSession | undefined;
  /** Over which a session is being opened. */
  #openingOver: MemberLink | undefined;
  #openAgainAtMs = 0;
  readonly #refused: Backoff;
  /** Why the last attempt failed. */
  problem: StateMachineError | undefined;

  constructor(options: SessionOpenerOptions) {
    this.#options = options;
    const { maxBackoffMs, maxOverloadBackoffMs } = options.limits;
    this.#refused = new Backoff(maxBackoffMs, maxOverloadBackoffMs, options.random);
  }

  /** This session has ended: the next command needs another one. */
  lost(session: ClientSession | undefined): void {
    if (session === this.session) this.session = undefined;
  }

  /** Nothing more is expected over this link. */
  gaveUp(link: MemberLink): void {
    if (this.#openingOver === link) this.#openingOver = undefined;
  }

  /** Opens one unless there is one, or it is being done, or the pause is not over. */
  open(link: MemberLink): void {
    const { clock, limits, ended } = this.#options;
    if (this.session !== undefined || this.#openingOver !== undefined) return;
    if (clock.monotonicMs() < this.#openAgainAtMs) return;
    this.#openingOver = link;
    link.sent();
    link.connection.request(RpcMethod.OpenSession, [limits.timeoutMs]).then(
      (answer) => ended(link, this.#opened(link, answer)),
      (error: unknown) => ended(link, this.#failed(link, attemptError(error))),
    );
  }

  /** A courtesy, whose answer changes nothing for the client: a session that is not ended expires. */
  end(link: MemberLink | undefined): void {
    const { session } = this;
    if (session === undefined || link === undefined) return;
    const body = [session.id, this.#options.limits.timeoutMs];
    link.connection.request(RpcMethod.CloseSession, body).catch(() => {});
  }

  #opened(link: MemberLink, answer: WireValue): StateMachineError | undefined {
    const [id, window]: readonly WireValue[] = Array.isArray(answer) ? answer : [];
    if (typeof id !== 'number' || typeof window !== 'number' || window < 1) {
      const message = 'the member opened a session in a way that this version does not understand';
      return this.#failed(link, new StateMachineError('ANSWER_INVALID', message));
    }
    if (this.#openingOver === link) {
      this.#openingOver = undefined;
      this.session = new ClientSession(id, window);
      this.problem = undefined;
      this.#refused.reset();
    }
    return undefined;
  }

  #failed(link: MemberLink, error: StateMachineError): StateMachineError {
    if (this.#openingOver !== link) return error;
    this.#openingOver = undefined;
    this.problem = error;
    if (nextStep(error.code) !== 'other-member') {
      this.#openAgainAtMs = this.#options.clock.monotonicMs() + this.#refused.next();
    }
    return error;
  }
}
