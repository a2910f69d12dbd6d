import { Fifo } from '@raft-ts/net';
import type { ClientSession } from '../session/client-session.js';
import type { Operation } from './operation.js';

/** Settled operations held at most, besides as many as wait. */
const MAX_SETTLED = 1_024;

/** Operations that wait to be sent, in the order in which they should be. */
export class Outbox {
  /** Sent before: commands keep their session and sequence. */
  readonly #again = new Fifo<Operation>();
  /** And whatever else needs no session. */
  readonly #queries = new Fifo<Operation>();
  readonly #commands = new Fifo<Operation>();
  /** To be sent again after a pause. */
  #later: Operation[] = [];

  add(operation: Operation): void {
    if (operation.request.kind !== 'command') this.#queries.push(operation);
    else if (operation.session !== undefined) this.#again.push(operation);
    else this.#commands.push(operation);
  }

  addLater(operation: Operation, retryAtMs: number): void {
    operation.retryAtMs = retryAtMs;
    this.#later.push(operation);
  }

  /** Settled ones included. */
  get length(): number {
    const queued = this.#again.length + this.#queries.length + this.#commands.length;
    return queued + this.#later.length;
  }

  /**
   * Forgets settled ones when there are many: without a leader nobody takes them. At most
   * `unsettled` are not settled.
   */
  tidy(unsettled: number): void {
    if (this.length <= 2 * unsettled + MAX_SETTLED) return;
    for (const queue of [this.#again, this.#queries, this.#commands]) queue.retain(isUnsettled);
    this.#later = this.#later.filter(isUnsettled);
  }

  /** Whether new commands wait. */
  get hasCommands(): boolean {
    return this.#commands.length > 0;
  }

  /** Takes the next one that can go; a new command needs a session with room. */
  take(session: ClientSession | undefined): Operation | undefined {
    const sent = takeUnsettled(this.#again) ?? takeUnsettled(this.#queries);
    if (sent !== undefined || session === undefined || !session.hasRoom) return sent;
    const command = takeUnsettled(this.#commands);
    if (command === undefined) return undefined;
    command.session = session;
    command.sequence = session.next();
    return command;
  }

  /** Makes ready those whose pause is over. */
  wake(nowMs: number): void {
    const later = this.#later;
    this.#later = later.filter((operation) => operation.retryAtMs > nowMs);
    for (const operation of later) {
      if (operation.retryAtMs <= nowMs) this.add(operation);
    }
  }

  clear(): void {
    this.#again.clear();
    this.#queries.clear();
    this.#commands.clear();
    this.#later = [];
  }
}

function isUnsettled(operation: Operation): boolean {
  return !operation.settled;
}

function takeUnsettled(queue: Fifo<Operation>): Operation | undefined {
  for (;;) {
    const operation = queue.shift();
    if (operation === undefined || !operation.settled) return operation;
  }
}
