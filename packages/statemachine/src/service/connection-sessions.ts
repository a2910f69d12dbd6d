import type { RpcPeer, RpcResponder, WireValue } from '@raft-ts/net';
import { failure } from '../errors.js';

/** Sessions that were opened over one connection. */
interface Opened {
  readonly ids: Set<number>;
  /** Asked for, and not answered. */
  asked: number;
}

/**
 * Counts what each connection has opened while it lasts, so that a client that opens sessions in a
 * loop soon hears of it. What outlives a connection, the replicated limits bound.
 */
export class ConnectionSessions {
  readonly #byPeer = new WeakMap<RpcPeer, Opened>();
  readonly #maxSessions: number;
  readonly #isOpen: (session: number) => boolean;

  constructor(maxSessions: number, isOpen: (session: number) => boolean) {
    this.#maxSessions = maxSessions;
    this.#isOpen = isOpen;
  }

  /** Answers instead of `responder`, and counts; undefined when this connection was refused. */
  admit(peer: RpcPeer, responder: RpcResponder): RpcResponder | undefined {
    const opened = this.#byPeer.get(peer) ?? { ids: new Set<number>(), asked: 0 };
    this.#byPeer.set(peer, opened);
    if (this.#count(opened) >= this.#maxSessions) {
      const message =
        `over this connection ${this.#maxSessions} sessions are open, the most that may be; ` +
        'use one session for many commands';
      responder.failed(failure('SESSION_LIMIT', message));
      return undefined;
    }
    opened.asked++;
    return {
      done: (answer) => {
        opened.asked--;
        const id = sessionIn(answer);
        if (id !== undefined) opened.ids.add(id);
        responder.done(answer);
      },
      failed: (told) => {
        opened.asked--;
        responder.failed(told);
      },
    };
  }

  #count({ ids, asked }: Opened): number {
    if (ids.size + asked < this.#maxSessions) return ids.size + asked;
    for (const id of ids) if (!this.#isOpen(id)) ids.delete(id);
    return ids.size + asked;
  }
}

function sessionIn(answer: WireValue): number | undefined {
  const [id]: readonly WireValue[] = Array.isArray(answer) ? answer : [];
  return typeof id === 'number' ? id : undefined;
}
