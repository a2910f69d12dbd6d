import type { Clock, RpcHandler, RpcPeer, RpcResponder, WireValue } from '@raft-ts/net';
import { type EntryItem, encodeItem } from '../entries/entry-codec.js';
import { failure, StateMachineError } from '../errors.js';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import { MAX_STALE_MS, QueryConsistency, RpcMethod } from '../rpc-methods.js';
import type { SessionTable } from '../sessions/session-table.js';
import { encodeHashes } from '../state-hash/hashes-codec.js';
import type { StateHash } from '../state-hash/state-hash.js';
import { ConnectionSessions } from './connection-sessions.js';
import { parseChanges } from './membership/member-changes.js';
import type { MembershipRequests } from './membership/membership-requests.js';
import type { OutsideCommands } from './outside/outside-commands.js';
import type { Proposer } from './proposing/proposer.js';
import type { Queries } from './reading/queries.js';
import { consistencyOf, fieldsOf, invalid, milliseconds, positiveInteger } from './request.js';
import type { ServedMember } from './served-member.js';
import type { ServiceLimits } from './service-options.js';
import type { LeaderWaiters } from './status/leader-waiters.js';
import { encodeStatus, type MemberStatus } from './status/member-status.js';

/** In one answer. */
const MAX_LISTED_SESSIONS = 1_000;
/** Of a host's name in the log; addresses are shorter. */
const MAX_HOST_CHARACTERS = 64;

/** What requests are passed on to once they are understood. */
export interface RequestTarget<Command, Query> {
  readonly machine: Pick<DurableStateMachine<Command, Query>, 'parseCommand' | 'parseQuery'>;
  readonly limits: ServiceLimits;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly member: Pick<ServedMember, 'checkServes' | 'checkLeads' | 'view'>;
  readonly proposer: Pick<Proposer, 'submit'>;
  /** Undefined: nothing of a command goes on outside of the log. */
  readonly outside?: Pick<OutsideCommands<Command>, 'submit'> | undefined;
  readonly queries: Pick<Queries<Query>, 'ask'>;
  readonly waiters: Pick<LeaderWaiters, 'ask'>;
  readonly sessions: Pick<SessionTable, 'has' | 'list'>;
  readonly membership: Pick<MembershipRequests, 'list' | 'change' | 'transfer'>;
  readonly stateHash: Pick<StateHash, 'known' | 'checkpoints'>;
  readonly status: () => MemberStatus;
}

/** Understands requests from the wire: whatever comes is answered, and none harms the member. */
export function requestHandler<Command, Query>(target: RequestTarget<Command, Query>): RpcHandler {
  const requests = new Requests(target);
  return (method, body, responder, peer) => {
    try {
      requests.handle(method, body, responder, peer);
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
  readonly #opened: ConnectionSessions;

  constructor(target: RequestTarget<Command, Query>) {
    this.#target = target;
    const { limits, sessions } = target;
    this.#opened = new ConnectionSessions(limits.maxSessionsPerConnection, (id) =>
      sessions.has(id),
    );
  }

  handle(method: number, body: WireValue, responder: RpcResponder, peer: RpcPeer): void {
    switch (method) {
      case RpcMethod.Command:
        this.#command(body, responder);
        break;
      case RpcMethod.Query:
        this.#query(body, responder);
        break;
      case RpcMethod.OpenSession:
        this.#openSession(body, responder, peer);
        break;
      case RpcMethod.CloseSession: {
        const [id, timeoutMs] = fieldsOf(body, 2);
        const session = positiveInteger(id, 'session');
        this.#submit({ kind: 'close', session }, this.#deadline(timeoutMs), responder);
        break;
      }
      case RpcMethod.ListSessions:
        this.#listSessions(body, responder);
        break;
      case RpcMethod.Membership:
        this.#target.membership.list(responder);
        break;
      case RpcMethod.ChangeMembership: {
        const [changes, timeoutMs] = fieldsOf(body, 2);
        const wanted = parseChanges(changes);
        this.#target.membership.change(wanted, this.#deadline(timeoutMs), responder);
        break;
      }
      case RpcMethod.TransferLeadership: {
        const [id, timeoutMs] = fieldsOf(body, 2);
        const target = positiveInteger(id, 'a member id');
        this.#target.membership.transfer(target, this.#deadline(timeoutMs), responder);
        break;
      }
      case RpcMethod.StateHashes:
        this.#stateHashes(responder);
        break;
      case RpcMethod.Status:
        responder.done(encodeStatus(this.#target.status()));
        break;
      case RpcMethod.FindLeader:
        this.#findLeader(body, responder);
        break;
      default:
        throw invalid(`there is no method ${method}`);
    }
  }

  #command(body: WireValue, responder: RpcResponder): void {
    const { machine, limits, member, proposer, outside } = this.#target;
    const [id, number, below, command, timeoutMs] = fieldsOf(body, 5);
    const session = positiveInteger(id, 'session');
    const sequence = positiveInteger(number, 'sequence');
    const acknowledgedBelow = positiveInteger(below, 'acknowledgedBelow');
    if (acknowledgedBelow > sequence) throw invalid('a command acknowledges its own result');
    const deadlineMs = this.#deadline(timeoutMs);
    if (!member.checkLeads(responder)) return;
    const parsed = machine.parseCommand(command);
    const item = { kind: 'command', session, sequence, acknowledgedBelow, command } as const;
    const encoded = encodeItem(item);
    if (encoded.byteLength > limits.maxCommandBytes) {
      throw new StateMachineError(
        'COMMAND_TOO_LARGE',
        `a command of ${encoded.byteLength} bytes is above the limit of ${limits.maxCommandBytes}`,
      );
    }
    if (outside === undefined) proposer.submit(encoded, deadlineMs, responder);
    else outside.submit({ command: parsed, session, sequence, encoded, deadlineMs }, responder);
  }

  #openSession(body: WireValue, responder: RpcResponder, peer: RpcPeer): void {
    const [timeoutMs] = fieldsOf(body, 1);
    const deadlineMs = this.#deadline(timeoutMs);
    const host = peer.host.slice(0, MAX_HOST_CHARACTERS);
    const counting = this.#opened.admit(peer, responder);
    if (counting !== undefined) this.#submit({ kind: 'open', host }, deadlineMs, counting);
  }

  #listSessions(body: WireValue, responder: RpcResponder): void {
    const { member, sessions } = this.#target;
    const [after, limit] = fieldsOf(body, 2);
    if (typeof after !== 'number') throw invalid('after must be a number');
    const count = Math.min(positiveInteger(limit, 'limit'), MAX_LISTED_SESSIONS);
    if (!member.checkLeads(responder)) return;
    const listed = sessions.list(after, count);
    responder.done(
      listed.map(({ id, host, idleMs, savedResults, savedBytes }) => {
        return [id, host, idleMs, savedResults, savedBytes];
      }),
    );
  }

  #stateHashes(responder: RpcResponder): void {
    const { member, stateHash } = this.#target;
    if (!member.checkServes(responder)) return;
    responder.done([stateHash.known, encodeHashes(stateHash.checkpoints)]);
  }

  #submit(item: EntryItem<WireValue>, deadlineMs: number, responder: RpcResponder): void {
    const { member, proposer } = this.#target;
    if (member.checkLeads(responder)) proposer.submit(encodeItem(item), deadlineMs, responder);
  }

  #query(body: WireValue, responder: RpcResponder): void {
    const { machine, member, queries } = this.#target;
    const { OfLeader, Local, Bounded } = QueryConsistency;
    const needed = consistencyOf(Array.isArray(body) ? body[0] : undefined);
    const [, value, timeoutMs, staleMs] = fieldsOf(body, needed === Bounded ? 4 : 3);
    const deadlineMs = this.#deadline(timeoutMs);
    const boundMs = needed === Local ? Number.POSITIVE_INFINITY : 0;
    const maxStaleMs =
      needed === Bounded ? milliseconds(staleMs, 'maxStaleMs', MAX_STALE_MS) : boundMs;
    const leaderOnly = needed === OfLeader;
    if (!(leaderOnly ? member.checkLeads(responder) : member.checkServes(responder))) return;
    queries.ask(machine.parseQuery(value), maxStaleMs, deadlineMs, responder);
  }

  #findLeader(body: WireValue, responder: RpcResponder): void {
    const { member, waiters, clock } = this.#target;
    const [aboveTerm, waitMs] = fieldsOf(body, 2);
    if (!Number.isSafeInteger(aboveTerm)) throw invalid('aboveTerm must be a whole number');
    const deadlineMs = this.#deadline(waitMs);
    const waiter = { aboveTerm: Number(aboveTerm), deadlineMs, responder };
    waiters.ask(waiter, member.view, clock.monotonicMs());
  }

  #deadline(timeoutMs: unknown): number {
    const { limits, clock } = this.#target;
    return clock.monotonicMs() + milliseconds(timeoutMs, 'the time to wait', limits.maxTimeoutMs);
  }
}
