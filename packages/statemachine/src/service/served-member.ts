import type { RpcFailure, RpcResponder } from '@raft-ts/net';
import type { MemberId, Replica, ReplicaStatus } from 'raft-ts';
import { allMembers } from 'raft-ts/core';
import { failure } from '../errors.js';

/** What a service needs of the member it runs on; a `Replica` is one. */
export type ServedReplica = Pick<
  Replica,
  | 'propose'
  | 'read'
  | 'uncommittedEntries'
  | 'status'
  | 'membership'
  | 'changeMembership'
  | 'transferLeadership'
  | 'handOver'
  | 'until'
  | 'onChange'
  | 'stopped'
  | 'stop'
  | 'compact'
  | 'firstEntryWithin'
  | 'fetchesStates'
>;

/** Who leads, as a member sees it. */
export type MemberView = Pick<ReplicaStatus, 'id' | 'role' | 'term' | 'leader'>;

export interface ServedMemberEvents {
  /** Role, term or leader changed. */
  readonly changed: (view: MemberView) => void;
  /** Called once. */
  readonly stopped: () => void;
}

/** The member that a service runs on: whether it takes part, and who leads as far as it knows. */
export class ServedMember {
  readonly #given: ReadonlyMap<MemberId, string>;
  readonly #events: ServedMemberEvents;
  #replica: ServedReplica | undefined;
  #unsubscribe: () => void = () => {};
  #view: MemberView | undefined;
  #stopped: { readonly error: Error | undefined } | undefined;

  /** `given`: where clients reach members of which the membership says nothing. */
  constructor(given: ReadonlyMap<MemberId, string>, events: ServedMemberEvents) {
    this.#given = given;
    this.#events = events;
  }

  /** Throws a TypeError when it is called a second time. */
  serve(replica: ServedReplica): void {
    if (this.#replica !== undefined) throw new TypeError('this service serves a replica already');
    this.#replica = replica;
    this.#unsubscribe = replica.onChange(() => this.#changed());
    void replica.stopped.then((error) => this.stop(error));
    this.#changed();
  }

  /** From now on nothing is served. */
  stop(error: Error | undefined): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { error };
    this.#unsubscribe();
    this.#events.stopped();
  }

  /** Also when it has stopped; undefined before `serve`. */
  get replica(): ServedReplica | undefined {
    return this.#replica;
  }

  /** The replica, while it takes part. */
  get running(): ServedReplica | undefined {
    return this.#stopped === undefined ? this.#replica : undefined;
  }

  /** Undefined while it takes no part. */
  get view(): MemberView | undefined {
    return this.#stopped === undefined ? this.#view : undefined;
  }

  /** Where clients reach a member, as the membership in force says, or else as it was given. */
  address(id: MemberId): string | undefined {
    return this.#replica?.membership.endpoints[id]?.client ?? this.#given.get(id);
  }

  /** Where clients reach everybody who takes part; before that is known, those that were given. */
  get addresses(): ReadonlyMap<MemberId, string> {
    const members =
      this.#replica === undefined ? [] : allMembers(this.#replica.membership.configuration);
    if (members.length === 0) return this.#given;
    const known = members.map((id) => [id, this.address(id)] as const);
    return new Map(known.flatMap(([id, at]) => (at === undefined ? [] : [[id, at] as const])));
  }

  get leads(): boolean {
    return this.view?.role === 'leader';
  }

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Why it has stopped, when that was an error. */
  get stoppedBy(): Error | undefined {
    return this.#stopped?.error;
  }

  /** Whether this member takes part; otherwise the client is told. */
  checkServes(responder: RpcResponder): boolean {
    if (this.running !== undefined) return true;
    responder.failed(
      this.stopped
        ? this.stoppedFailure()
        : failure('UNAVAILABLE', 'this member has not started to serve yet'),
    );
    return false;
  }

  /** Whether this member leads; otherwise the client is told who does. */
  checkLeads(responder: RpcResponder): boolean {
    if (!this.checkServes(responder)) return false;
    if (this.leads) return true;
    responder.failed(this.notLeader());
    return false;
  }

  /** What to tell a client that has to turn to the leader. */
  notLeader(): RpcFailure {
    const { leader = 0, id = 0 } = this.#view ?? {};
    // A member that hands over the lead, or is about to lose it, is no leader to turn to.
    const address = leader === id ? undefined : this.address(leader);
    const who = address === undefined ? 'no other leader is known' : `${address} leads`;
    return failure('NOT_LEADER', `this member does not lead; ${who}`, 'definite', address);
  }

  /** What to tell a client whose request was not proposed when this member stopped. */
  stoppedFailure(): RpcFailure {
    return failure('STOPPED', `this member has stopped${this.#because()}; ask another one`);
  }

  /** What to tell a client whose request was proposed when this member lost the lead, or stopped. */
  outcomeUnknown(): RpcFailure {
    const why = this.stopped ? `has stopped${this.#because()}` : 'lost the lead';
    return failure(
      'OUTCOME_UNKNOWN',
      `this member ${why} after it had proposed the request: it may take effect`,
      'unknown',
    );
  }

  #because(): string {
    return this.stoppedBy === undefined ? '' : ` (${this.stoppedBy.message})`;
  }

  #changed(): void {
    if (this.#replica === undefined || this.#stopped !== undefined) return;
    const { id, role, term, leader } = this.#replica.status();
    this.#view = { id, role, term, leader };
    this.#events.changed(this.#view);
  }
}
