import type { WireValue } from '@raft-ts/net';
import type { Election, ProgressStatus, ReplicaStatus } from 'raft-ts';
import { StateMachineError } from '../../errors.js';
import { Fields } from './fields.js';

/** Of how the status is written; a member of another version may write it differently. */
const FORMAT = 1;

/** What a leader says of how a member follows it. */
export type FollowerStatus = Pick<
  ProgressStatus,
  'id' | 'match' | 'lag' | 'state' | 'learner' | 'active' | 'recovering'
>;

/** What a member tells others of its replica. */
export interface MemberReplicaStatus
  extends Pick<
    ReplicaStatus,
    | 'clusterId'
    | 'id'
    | 'role'
    | 'term'
    | 'leader'
    | 'voter'
    | 'recovering'
    | 'firstIndex'
    | 'lastIndex'
    | 'commit'
    | 'applied'
    | 'elections'
  > {
  /** By ascending id; empty unless it leads. */
  readonly progress: readonly FollowerStatus[];
}

/** What a member says of itself; answered in every state. */
export interface MemberStatus {
  /** Undefined before the member takes part in its cluster. */
  readonly replica: MemberReplicaStatus | undefined;
  /** Why the member stopped, when it did because of an error. */
  readonly stoppedBy: string | undefined;
  readonly stopped: boolean;
  /** It stopped because its disk is full, and goes on by itself once there is room. */
  readonly diskFull?: boolean;
  readonly pid: number;
  /** Clients' addresses by member id. */
  readonly clientAddresses: readonly (readonly [number, string])[];
  readonly sessions: number;
  /** Bytes of the sessions' saved results. */
  readonly savedResultBytes: number;
  /** The log's time, milliseconds: sessions expire by it. */
  readonly logTimeMs: number;
  readonly appliedIndex: number;
  /** Requests without an outcome. */
  readonly pendingRequests: number;
  readonly pendingQueries: number;
  /** From the application. */
  readonly extra: WireValue;
}

/** A member's status as it travels: a map with the names of the fields, and the format. */
export function encodeStatus(status: MemberStatus): WireValue {
  return {
    format: FORMAT,
    replica: status.replica === undefined ? null : encodeReplica(status.replica),
    stoppedBy: status.stoppedBy ?? null,
    stopped: status.stopped,
    diskFull: status.diskFull === true,
    pid: status.pid,
    clientAddresses: status.clientAddresses,
    sessions: status.sessions,
    savedResultBytes: status.savedResultBytes,
    logTimeMs: status.logTimeMs,
    appliedIndex: status.appliedIndex,
    pendingRequests: status.pendingRequests,
    pendingQueries: status.pendingQueries,
    extra: status.extra,
  };
}

/** Throws ANSWER_INVALID for what is no status, or one of another format. */
export function parseStatus(value: WireValue): MemberStatus {
  const fields = new Fields(value);
  const format = fields.number('format');
  if (format !== FORMAT) {
    const message = `the member's status has the format ${format}, which is not known here`;
    throw new StateMachineError('ANSWER_INVALID', message);
  }
  const replica = fields.optional('replica');
  return {
    replica: replica === undefined ? undefined : parseReplica(replica),
    stoppedBy: fields.optionalText('stoppedBy'),
    stopped: fields.flag('stopped'),
    diskFull: fields.flag('diskFull'),
    pid: fields.number('pid'),
    clientAddresses: fields.list('clientAddresses').map((pair) => {
      const [id, address] = Array.isArray(pair) ? pair : [];
      const named = new Fields({ id, address });
      return [named.number('id'), named.text('address')] as const;
    }),
    sessions: fields.number('sessions'),
    savedResultBytes: fields.number('savedResultBytes'),
    logTimeMs: fields.number('logTimeMs'),
    appliedIndex: fields.number('appliedIndex'),
    pendingRequests: fields.number('pendingRequests'),
    pendingQueries: fields.number('pendingQueries'),
    extra: fields.value('extra'),
  };
}

function encodeReplica(replica: MemberReplicaStatus): WireValue {
  return {
    clusterId: replica.clusterId,
    id: replica.id,
    role: replica.role,
    term: replica.term,
    leader: replica.leader,
    voter: replica.voter,
    recovering: replica.recovering,
    firstIndex: replica.firstIndex,
    lastIndex: replica.lastIndex,
    commit: replica.commit,
    applied: replica.applied,
    elections: replica.elections.map((election) => ({
      term: election.term,
      reason: election.reason,
      outcome: election.outcome,
      atTick: election.atTick,
      leaderBefore: election.leaderBefore,
    })),
    progress: replica.progress.map((follower) => ({
      id: follower.id,
      match: follower.match,
      lag: follower.lag,
      state: follower.state,
      learner: follower.learner,
      active: follower.active,
      recovering: follower.recovering,
    })),
  };
}

function parseReplica(value: WireValue): MemberReplicaStatus {
  const fields = new Fields(value);
  return {
    clusterId: fields.text('clusterId'),
    id: fields.number('id'),
    role: fields.oneOf('role', ['follower', 'pre-candidate', 'candidate', 'leader']),
    term: fields.number('term'),
    leader: fields.number('leader'),
    voter: fields.flag('voter'),
    recovering: fields.flag('recovering'),
    firstIndex: fields.number('firstIndex'),
    lastIndex: fields.number('lastIndex'),
    commit: fields.number('commit'),
    applied: fields.number('applied'),
    elections: fields.list('elections').map(parseElection),
    progress: fields.list('progress').map(parseFollower),
  };
}

function parseElection(value: WireValue): Election {
  const fields = new Fields(value);
  return {
    term: fields.number('term'),
    reason: fields.oneOf('reason', ['timeout', 'transfer', 'request']),
    outcome: fields.oneOf('outcome', ['under-way', 'won', 'refused', 'ended']),
    atTick: fields.number('atTick'),
    leaderBefore: fields.number('leaderBefore'),
  };
}

function parseFollower(value: WireValue): FollowerStatus {
  const fields = new Fields(value);
  return {
    id: fields.number('id'),
    match: fields.number('match'),
    lag: fields.number('lag'),
    state: fields.oneOf('state', ['probe', 'replicate', 'snapshot']),
    learner: fields.flag('learner'),
    active: fields.flag('active'),
    recovering: fields.flag('recovering'),
  };
}
