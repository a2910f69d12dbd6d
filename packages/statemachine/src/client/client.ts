import { type Clock, type WireValue, waitingClock } from '@raft-ts/net';
import type { Endpoints, MemberChange, MemberId } from 'raft-ts';
import { StateMachineError } from '../errors.js';
import { QueryConsistency, RpcMethod } from '../rpc-methods.js';
import {
  type ClusterMembership,
  parseMembership,
} from '../service/membership/cluster-membership.js';
import { encodeChanges } from '../service/membership/member-changes.js';
import type { MemberStatus } from '../service/status/member-status.js';
import type { SessionSummary } from '../sessions/session-table.js';
import { askStatus } from './ask-status.js';
import {
  type AddMemberOptions,
  type ChangeMemberOptions,
  type ClientLimits,
  type ClientOptions,
  completeClientOptions,
  type QueryOptions,
  queryOptions,
  type ReadFrom,
  type RequestOptions,
  requestOptions,
} from './client-options.js';
import { AnyMember } from './members/any-member.js';
import { LeaderFinder } from './members/leader-finder.js';
import { SharedConnections } from './members/shared-connections.js';
import { MemberBringer, refuseStranger, refuseTaken } from './membership/bring-in-member.js';
import { abortedError, type Request } from './sending/operation.js';
import { Sender, TICK_MS } from './sending/sender.js';
import { SessionOpener } from './session/session-opener.js';
import { listSessions, parseSessions, SESSIONS_PER_PAGE } from './session-list.js';

/**
 * A client of a replicated state machine. It finds the leader, tries again within the deadline,
 * and numbers its commands so that each takes effect once, however often it is sent. Errors are
 * StateMachineErrors; `outcome` says whether a command may have taken effect all the same.
 */
export class ReplicatedClient implements AsyncDisposable {
  readonly #limits: ClientLimits;
  readonly #clock: Clock;
  readonly #readFrom: ReadFrom;
  readonly #connections: SharedConnections;
  readonly #finder: LeaderFinder;
  readonly #anyMember: AnyMember;
  readonly #sessions: SessionOpener;
  /** Commands, and queries that the leader answers. */
  readonly #toLeader: Sender;
  /** Queries that any member may answer. */
  readonly #toAny: Sender;
  #cancelTick: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** Connects when something is asked for. Throws OPTIONS_INVALID. */
  constructor(given: ClientOptions) {
    const options = completeClientOptions(given);
    const { random = Math.random, clock = waitingClock } = options;
    const limits: ClientLimits = options;
    this.#limits = limits;
    this.#clock = clock;
    this.#readFrom = options.readFrom;
    const connections = new SharedConnections(options.network);
    this.#connections = connections;
    const finding = { connections, limits, clock, random };
    this.#finder = new LeaderFinder({
      ...finding,
      addresses: [...new Set(options.addresses)],
      linked: () => this.#toLeader.pump(),
    });
    this.#anyMember = new AnyMember({
      ...finding,
      addresses: () => options.readAddresses ?? this.#finder.addresses,
      linked: () => this.#toAny.pump(),
    });
    this.#sessions = new SessionOpener({
      limits,
      clock,
      random,
      ended: (link, error) => this.#toLeader.sessionEnded(link, error),
    });
    const sending = { limits, clock, random, idle: () => this.#rest() };
    this.#toLeader = new Sender({
      ...sending,
      source: this.#finder,
      sessions: this.#sessions,
      other: () => this.#toAny,
    });
    this.#toAny = new Sender({
      ...sending,
      source: this.#anyMember,
      other: () => this.#toLeader,
    });
  }

  /** Carries out a command, once, and resolves with the machine's result. */
  async command(value: WireValue, options?: RequestOptions): Promise<WireValue> {
    return this.#begin({ kind: 'command', value }, this.#toLeader, requestOptions(options));
  }

  /** Resolves with the machine's answer. */
  async query(value: WireValue, given?: QueryOptions): Promise<WireValue> {
    const options = queryOptions(given);
    const { consistency: needed = 'linearizable', readFrom = this.#readFrom } = options;
    const { Bounded, Local, OfAny, OfLeader } = QueryConsistency;
    const query = { kind: 'query', method: RpcMethod.Query } as const;
    if (typeof needed === 'object') {
      const { maxStaleMs } = needed;
      const body = (timeoutMs: number) => [Bounded, value, timeoutMs, maxStaleMs];
      return this.#begin({ ...query, body }, this.#toAny, options);
    }
    const linearizable = readFrom === 'any' ? OfAny : OfLeader;
    const consistency = needed === 'local' ? Local : linearizable;
    const sender = consistency === OfLeader ? this.#toLeader : this.#toAny;
    const body = (timeoutMs: number) => [consistency, value, timeoutMs];
    return this.#begin({ ...query, body }, sender, options);
  }

  /** What the member at this address says of itself, leader or not. Rejects with UNAVAILABLE. */
  async status(address: string, options?: RequestOptions): Promise<MemberStatus> {
    const { signal, timeoutMs = this.#limits.timeoutMs } = requestOptions(options);
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    const clock = this.#clock;
    return askStatus({ address, connections: this.#connections, clock, timeoutMs, signal });
  }

  /** All clients' sessions by ascending id, as the leader has applied them, for an operator. */
  async sessions(given?: RequestOptions): Promise<readonly SessionSummary[]> {
    const options = requestOptions(given);
    const found: SessionSummary[] = [];
    for (;;) {
      const after = found.at(-1)?.id ?? 0;
      const page = parseSessions(await this.#begin(listSessions(after), this.#toLeader, options));
      found.push(...page);
      if (page.length < SESSIONS_PER_PAGE) return found;
    }
  }

  /**
   * Ends a session, whoever's, for an operator: resolves once it has ended, also when there was none.
   * Its client opens another one; a command that may have taken effect is left unknown.
   */
  async endSession(id: number, options?: RequestOptions): Promise<void> {
    const body = (timeoutMs: number) => [id, timeoutMs];
    const request = { kind: 'repeatable', method: RpcMethod.CloseSession, body } as const;
    await this.#begin(request, this.#toLeader, requestOptions(options));
  }

  /** Who takes part, as the leader has applied it, for an operator. */
  async membership(options?: RequestOptions): Promise<ClusterMembership> {
    const request = { kind: 'query', method: RpcMethod.Membership, body: () => [] } as const;
    return parseMembership(await this.#begin(request, this.#toLeader, requestOptions(options)));
  }

  /**
   * Changes who takes part, in one step, and resolves with the membership once that is in force; at
   * once where it is so already. The changes say what is to be, and are asked for again where the outcome is unknown. A leader that is
   * to go hands over first. While another change is not over, this one waits.
   *
   * Definite: CHANGE_UNDER_WAY (until the time was over), CHANGE_INVALID, MEMBER_NOT_CAUGHT_UP,
   * MAJORITY_AT_RISK, UNAVAILABLE. Unknown: OUTCOME_UNKNOWN; `membership` tells later.
   */
  async changeMembership(
    changes: readonly MemberChange[],
    given?: RequestOptions,
  ): Promise<ClusterMembership> {
    const options = requestOptions(given);
    const encoded = encodeChanges(changes);
    const body = (timeoutMs: number) => [encoded, timeoutMs];
    const request = { kind: 'repeatable', method: RpcMethod.ChangeMembership, body } as const;
    await this.#begin(request, this.#toLeader, options);
    return this.membership(options);
  }

  /** Hands the lead to this voter, and resolves once it leads. Rejects as `changeMembership`, and with TRANSFER_FAILED. */
  async transferLeadership(id: MemberId, options?: RequestOptions): Promise<void> {
    const body = (timeoutMs: number) => [id, timeoutMs];
    const request = { kind: 'repeatable', method: RpcMethod.TransferLeadership, body } as const;
    await this.#begin(request, this.#toLeader, requestOptions(options));
  }

  /**
   * Adds a member that runs already and holds nothing: as a learner, until it has caught up, then as
   * a voter. Safe to call again: it goes on where it was. With `replaces`, that member goes in the same step in which
   * this one becomes a voter. Rejects as `changeMembership`, with MEMBER_UNREACHABLE unless `unchecked`, and
   * with MEMBER_NOT_CAUGHT_UP, outcome unknown, when it is still a learner after `timeoutMs`.
   */
  async addMember(
    id: MemberId,
    endpoints: Endpoints,
    given: AddMemberOptions = {},
  ): Promise<ClusterMembership> {
    const { replaces, unchecked = false, ...others } = given;
    return this.#bringer(others).bringIn({ id, endpoints, replaces, unchecked });
  }

  /**
   * Changes where a member is reached. Rejects as `changeMembership`, and unless `unchecked` with
   * MEMBER_UNREACHABLE where it does not answer there.
   */
  async setEndpoints(
    id: MemberId,
    endpoints: Endpoints,
    given: ChangeMemberOptions = {},
  ): Promise<ClusterMembership> {
    const { unchecked = false, ...options } = given;
    const membership = await this.membership(options);
    refuseStranger(membership, id);
    if (!unchecked) {
      refuseTaken(membership, { id, endpoints });
      await this.#bringer(options).checkAnswers(id, endpoints, membership.clusterId);
    }
    return this.changeMembership([{ type: 'update', id, endpoints }], options);
  }

  /**
   * How soon a member campaigns when there is no leader: from 3, at once, to 0, last; a leader to which
   * 0 is given hands over. See RaftOptions. Rejects as `changeMembership`.
   */
  async setPriority(
    id: MemberId,
    priority: number,
    given: RequestOptions = {},
  ): Promise<ClusterMembership> {
    refuseStranger(await this.membership(given), id);
    return this.changeMembership([{ type: 'update', id, priority }], given);
  }

  #bringer(given: RequestOptions): MemberBringer {
    const { signal, timeoutMs = this.#limits.timeoutMs } = requestOptions(given);
    return new MemberBringer(this, this.#clock, timeoutMs, signal);
  }

  /**
   * Rejects what is outstanding, has the session ended and closes all connections. The session ends
   * a moment later, once that is committed; nobody waits for it.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #begin(request: Request, sender: Sender, options: RequestOptions): Promise<WireValue> {
    const { signal, timeoutMs = this.#limits.timeoutMs } = options;
    const refusal = this.#refusal(signal) ?? this.#overload();
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#scheduleTick();
    const nowMs = this.#clock.monotonicMs();
    this.#finder.keepUp(nowMs);
    return sender.ask(request, nowMs + timeoutMs, signal);
  }

  #refusal(signal?: AbortSignal): StateMachineError | undefined {
    if (this.#closed !== undefined) return closedError();
    return signal?.aborted === true ? abortedError(signal.reason) : undefined;
  }

  #overload(): StateMachineError | undefined {
    const count = this.#outstanding;
    if (count < this.#limits.maxOutstanding) return undefined;
    return new StateMachineError('OVERLOADED', `${count} requests are outstanding; wait for some`);
  }

  get #outstanding(): number {
    return this.#toLeader.outstanding + this.#toAny.outstanding;
  }

  #rest(): void {
    if (this.#outstanding > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /** One timer for everything, and none while nothing is outstanding. */
  #scheduleTick(): void {
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => {
      this.#cancelTick = undefined;
      const nowMs = this.#clock.monotonicMs();
      this.#toLeader.tick(nowMs);
      this.#toAny.tick(nowMs);
      if (this.#outstanding > 0) this.#scheduleTick();
    });
  }

  async #close(): Promise<void> {
    for (const sender of [this.#toLeader, this.#toAny]) sender.rejectAll(closedError());
    if (this.#sessions.session !== undefined) this.#sessions.end(this.#finder.link);
    this.#finder.close();
    this.#anyMember.close();
    await this.#connections.close();
  }
}

function closedError(): StateMachineError {
  return new StateMachineError('CLIENT_CLOSED', 'the client was closed');
}
