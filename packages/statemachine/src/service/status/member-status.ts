import type { WireValue } from '@raft-ts/net';
import type {
  Election,
  ElectionReason,
  ProgressState,
  ProgressStatus,
  ReplicaStatus,
  Role,
} from 'raft-ts';
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

/** The type checker takes plain object types for wire values, and interfaces for none. */
type Plain<T> = T extends object ? { readonly [Key in keyof T]: Plain<T[Key]> } : T;

/** A member's status as it travels: a map with the names of the fields, and the format. */
export function encodeStatus(status: MemberStatus): WireValue {
  const named: Plain<Omit<MemberStatus, 'extra'>> = statusIn(new Fields(status));
  return { format: FORMAT, ...named, extra: status.extra };
}

/** Throws ANSWER_INVALID for what is no status, or one of another format. */
export function parseStatus(value: WireValue): MemberStatus {
  const fields = new Fields(value);
  const format = fields.number('format');
  if (format !== FORMAT) {
    const message = `the member's status has the format ${format}, which is not known here`;
    throw new StateMachineError('ANSWER_INVALID', message);
  }
  const { extra }: { readonly extra?: WireValue } = isMap(value) ? value : {};
  return { ...statusIn(fields), extra };
}

function isMap(value: WireValue): value is { readonly [name: string]: WireValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields that travel, picked out and checked: of a status here, or of what came. */
function statusIn(fields: Fields): Omit<MemberStatus, 'extra'> {
  const replica = fields.optional('replica');
  return {
    replica: replica === undefined ? undefined : replicaIn(new Fields(replica)),
    stoppedBy: fields.optionalText('stoppedBy'),
    stopped: fields.flag('stopped'),
    diskFull: fields.optional('diskFull') === true,
    pid: fields.number('pid'),
    clientAddresses: fields.list('clientAddresses').map((pair) => {
      const named = new Fields(pair);
      return [named.number('0'), named.text('1')] as const;
    }),
    sessions: fields.number('sessions'),
    savedResultBytes: fields.number('savedResultBytes'),
    logTimeMs: fields.number('logTimeMs'),
    appliedIndex: fields.number('appliedIndex'),
    pendingRequests: fields.number('pendingRequests'),
    pendingQueries: fields.number('pendingQueries'),
  };
}

function replicaIn(fields: Fields): MemberReplicaStatus {
  return {
    clusterId: fields.text('clusterId'),
    id: fields.number('id'),
    role: fields.oneOf<Role>('role', {
      follower: true,
      'pre-candidate': true,
      candidate: true,
      leader: true,
    }),
    term: fields.number('term'),
    leader: fields.number('leader'),
    voter: fields.flag('voter'),
    recovering: fields.flag('recovering'),
    firstIndex: fields.number('firstIndex'),
    lastIndex: fields.number('lastIndex'),
    commit: fields.number('commit'),
    applied: fields.number('applied'),
    elections: fields.list('elections').map((one) => electionIn(new Fields(one))),
    progress: fields.list('progress').map((one) => followerIn(new Fields(one))),
  };
}

function electionIn(fields: Fields): Election {
  return {
    term: fields.number('term'),
    reason: fields.oneOf<ElectionReason>('reason', {
      timeout: true,
      transfer: true,
      request: true,
    }),
    outcome: fields.oneOf<Election['outcome']>('outcome', {
      'under-way': true,
      won: true,
      refused: true,
      ended: true,
    }),
    atTick: fields.number('atTick'),
    leaderBefore: fields.number('leaderBefore'),
  };
}

function followerIn(fields: Fields): FollowerStatus {
  return {
    id: fields.number('id'),
    match: fields.number('match'),
    lag: fields.number('lag'),
    state: fields.oneOf<ProgressState>('state', { probe: true, replicate: true, snapshot: true }),
    learner: fields.flag('learner'),
    active: fields.flag('active'),
    recovering: fields.flag('recovering'),
  };
}
