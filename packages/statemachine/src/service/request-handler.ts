import type { RpcHandler, RpcResponder, WireValue } from '@raft-ts/net';
import { type EntryItem, encodeItem } from '../entries/entry-codec.js';
import { failure, StateMachineError } from '../errors.js';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import { QueryConsistency, RpcMethod } from '../rpc-methods.js';
import { consistencyOf, fieldsOf, invalid, milliseconds, positiveInteger } from './request.js';
import type { ServiceLimits } from './service-options.js';
import { encodeStatus, type MemberStatus } from './status/member-status.js';

/** Of `Bounded` queries; whoever takes older answers asks for local ones. */
const MAX_STALE_MS = 24 * 60 * 60 * 1000;

/** What requests are passed on to once they are understood. Waits are in milliseconds. */
export interface RequestTarget<Command, Query> {
  readonly machine: Pick<DurableStateMachine<Command, Query>, 'parseCommand' | 'parseQuery'>;
  readonly limits: ServiceLimits;
  /** Whether the member takes part; otherwise the client has been told. */
  readonly serves: (responder: RpcResponder) => boolean;
  /** Whether the member leads; otherwise the client has been told. */
  readonly leads: (responder: RpcResponder) => boolean;
  /** Takes in an item of the next entry. */
  readonly enqueue: (encoded: Uint8Array, waitMs: number, responder: RpcResponder) => void;
  /** `maxStaleMs`: 0 for linearizable, Infinity for what is applied, whatever that is. */
  readonly query: (
    query: Query,
    maxStaleMs: number,
    waitMs: number,
    responder: RpcResponder,
  ) => void;
  readonly findLeader: (aboveTerm: number, waitMs: number, responder: RpcResponder) => void;
  readonly status: () => MemberStatus;
}

/** Understands requests from the wire: whatever comes is answered, and none harms the member. */
export function requestHandler<Command, Query>(target: RequestTarget<Command, Query>): RpcHandler {
  const requests = new Requests(target);
  return (method, body, responder) => {
    try {
      requests.handle(method, body, responder);
    } catch (error) {
      if (error instanceof StateMachineError) {
        responder.failed(failure(error.code, error.message));
      } else {
        const why = error instanceof Error ? error.message : String(error);
        responder.failed(failure('INVALID_REQUEST', `the request can't be handled: ${why}`));
      }
    }
  };
}

class Requests<Command, Query> {
  readonly #target: RequestTarget<Command, Query>;

  constructor(target: RequestTarget<Command, Query>) {
    this.#target = target;
  }

  handle(method: number, body: WireValue, responder: RpcResponder): void {
    switch (method) {
      case RpcMethod.Command:
        this.#command(body, responder);
        break;
      case RpcMethod.Query:
        this.#query(body, responder);
        break;
      case RpcMethod.OpenSession: {
        const [timeoutMs] = fieldsOf(body, 1);
        this.#submit({ kind: 'open' }, timeoutMs, responder);
        break;
      }
      case RpcMethod.CloseSession: {
        const [id, timeoutMs] = fieldsOf(body, 2);
        const session = positiveInteger(id, 'session');
        this.#submit({ kind: 'close', session }, timeoutMs, responder);
        break;
      }
      case RpcMethod.Status:
        responder.done(encodeStatus(this.#target.status()));
        break;
      case RpcMethod.FindLeader: {
        const [aboveTerm, waitMs] = fieldsOf(body, 2);
        if (!Number.isSafeInteger(aboveTerm)) throw invalid('aboveTerm must be a whole number');
        this.#target.findLeader(Number(aboveTerm), this.#wait(waitMs), responder);
        break;
      }
      default:
        throw invalid(`there is no method ${method}`);
    }
  }

  #command(body: WireValue, responder: RpcResponder): void {
    const { machine, limits, leads, enqueue } = this.#target;
    const [id, number, below, command, timeoutMs] = fieldsOf(body, 5);
    const session = positiveInteger(id, 'session');
    const sequence = positiveInteger(number, 'sequence');
    const acknowledgedBelow = positiveInteger(below, 'acknowledgedBelow');
    if (acknowledgedBelow > sequence) throw invalid('a command acknowledges its own result');
    const waitMs = this.#wait(timeoutMs);
    if (!leads(responder)) return;
    machine.parseCommand(command);
    const item = { kind: 'command', session, sequence, acknowledgedBelow, command } as const;
    const encoded = encodeItem(item);
    if (encoded.byteLength > limits.maxCommandBytes) {
      throw new StateMachineError(
        'COMMAND_TOO_LARGE',
        `a command of ${encoded.byteLength} bytes is above the limit of ${limits.maxCommandBytes}`,
      );
    }
    enqueue(encoded, waitMs, responder);
  }

  #submit(item: EntryItem<WireValue>, timeoutMs: unknown, responder: RpcResponder): void {
    const waitMs = this.#wait(timeoutMs);
    const { leads, enqueue } = this.#target;
    if (leads(responder)) enqueue(encodeItem(item), waitMs, responder);
  }

  #query(body: WireValue, responder: RpcResponder): void {
    const { machine, serves, leads, query } = this.#target;
    const { OfLeader, Local, Bounded } = QueryConsistency;
    const needed = consistencyOf(Array.isArray(body) ? body[0] : undefined);
    const [, value, timeoutMs, staleMs] = fieldsOf(body, needed === Bounded ? 4 : 3);
    const waitMs = this.#wait(timeoutMs);
    const boundMs = needed === Local ? Number.POSITIVE_INFINITY : 0;
    const maxStaleMs =
      needed === Bounded ? milliseconds(staleMs, 'maxStaleMs', MAX_STALE_MS) : boundMs;
    const answers = needed === OfLeader ? leads : serves;
    if (!answers(responder)) return;
    query(machine.parseQuery(value), maxStaleMs, waitMs, responder);
  }

  #wait(timeoutMs: unknown): number {
    return milliseconds(timeoutMs, 'the time to wait', this.#target.limits.maxTimeoutMs);
  }
}
