import type { WireValue } from '@raft-ts/net';
import type {
  Election,
  ProgressStatus,
  ReplicaStatus,
  SnapshotFailure,
  SnapshotFetchProgress,
} from 'raft-ts';
import type { SnapshotsStatus } from '../../snapshots/snapshots-status.js';
import { fields, flag, invalid, list, number, oneOf, optional, type Read, text } from './fields.js';

/** Of how the status is written; a member of another version may write it differently. */
const FORMAT = 1;

/** The fields that travel of how a member follows a leader. */
const FOLLOWER = {
  id: number,
  match: number,
  lag: number,
  state: oneOf<ProgressStatus['state']>({ probe: true, replicate: true, snapshot: true }),
  learner: flag,
  active: flag,
  recovering: flag,
};

const ELECTION = {
  term: number,
  reason: oneOf<Election['reason']>({
    timeout: true,
    'leader-ended': true,
    transfer: true,
    request: true,
  }),
  outcome: oneOf<Election['outcome']>({
    'under-way': true,
    won: true,
    refused: true,
    ended: true,
  }),
  atTick: number,
  leaderBefore: number,
};

/** Who votes; both halves of a joint configuration. */
interface StatusVoters {
  readonly voters: readonly number[];
  /** Those of before, until all know that the change is over; empty otherwise. */
  readonly outgoing: readonly number[];
}

const REPLICA = {
  clusterId: text,
  id: number,
  role: oneOf<ReplicaStatus['role']>({
    follower: true,
    'pre-candidate': true,
    candidate: true,
    leader: true,
  }),
  term: number,
  leader: number,
  voter: flag,
  recovering: flag,
  firstIndex: number,
  lastIndex: number,
  logBytes: number,
  commit: number,
  applied: number,
  elections: list(fields(ELECTION)),
  snapshotFailure: optional(fields<SnapshotFailure>({ failures: number, message: text })),
};

const SNAPSHOTS = {
  address: text,
  kept: list(fields({ index: number, bytes: number })),
  readers: number,
  making: optional(fields({ index: number, rows: number, bytes: number })),
  makingFailure: optional(text),
  fetching: optional(
    fields<SnapshotFetchProgress>({
      from: number,
      index: number,
      phase: oneOf<SnapshotFetchProgress['phase']>({ making: true, pulling: true }),
      rows: number,
      bytes: number,
      totalRows: optional(number),
      totalBytes: optional(number),
    }),
  ),
};

/** What a member tells others of its replica. */
export interface MemberReplicaStatus extends Pick<ReplicaStatus, keyof typeof REPLICA> {
  /** By ascending id; empty unless it leads. */
  readonly progress: readonly Pick<ProgressStatus, keyof typeof FOLLOWER>[];
  /** As it is in force at this member; undefined where its version does not tell. */
  readonly membership?: { readonly configuration: StatusVoters } | undefined;
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
  /** The member's wall clock as it answered, milliseconds since 1970. */
  readonly wallMs: number;
  readonly appliedIndex: number;
  /** Requests without an outcome. */
  readonly pendingRequests: number;
  readonly pendingQueries: number;
  /** Undefined where the member neither gives nor takes states. */
  readonly snapshots?: SnapshotsStatus | undefined;
  /** How members' states differ, as the leader found out; undefined where they don't, as far as it knows. */
  readonly difference?: string | undefined;
  /** From the application. */
  readonly extra: WireValue;
}

const clientAddress: Read<readonly [number, string]> = (pair, name) => {
  const [id, address]: readonly unknown[] = Array.isArray(pair) ? pair : [];
  return [number(id, name), text(address, name)];
};

/** The fields that travel, picked out and checked: of a status here, or of what came. */
const readStatus = fields<Omit<MemberStatus, 'extra'>>({
  replica: optional(
    fields<MemberReplicaStatus>({
      ...REPLICA,
      progress: list(fields(FOLLOWER)),
      membership: optional(
        fields({
          configuration: fields<StatusVoters>({ voters: list(number), outgoing: list(number) }),
        }),
      ),
    }),
  ),
  stoppedBy: optional(text),
  stopped: flag,
  diskFull: (value) => value === true,
  pid: number,
  clientAddresses: list(clientAddress),
  sessions: number,
  savedResultBytes: number,
  logTimeMs: number,
  wallMs: number,
  appliedIndex: number,
  pendingRequests: number,
  pendingQueries: number,
  snapshots: optional(fields<SnapshotsStatus>(SNAPSHOTS)),
  difference: optional(text),
});

/** The type checker takes plain object types for wire values, and interfaces for none. */
type Plain<T> = T extends object ? { readonly [Key in keyof T]: Plain<T[Key]> } : T;

/** A member's status as it travels: a map with the names of the fields, and the format. */
export function encodeStatus(status: MemberStatus): WireValue {
  const named: Plain<Omit<MemberStatus, 'extra'>> = readStatus(status, 'status');
  return { format: FORMAT, ...named, extra: status.extra };
}

/** Throws ANSWER_INVALID for what is no status, or one of another format. */
export function parseStatus(value: WireValue): MemberStatus {
  const { format, extra }: { readonly [name: string]: WireValue } = isMap(value) ? value : {};
  if (format !== FORMAT) throw invalid(`it has the format ${number(format, 'format')}`);
  return { ...readStatus(value, 'status'), extra };
}

function isMap(value: WireValue): value is { readonly [name: string]: WireValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
