import { type Clock, parseAddress, type TcpRpcOptions } from '@raft-ts/net';
import {
  abortSignal,
  address,
  callback,
  completeOptions,
  milliseconds,
  nested,
  type OptionsForm,
  optional,
  recordOf,
  text,
  withMethods,
} from '@raft-ts/net/options';
import type {
  Endpoints,
  EndpointsByMember,
  LogStore,
  MemberId,
  ReplicaOptions,
  SnapshotApplication,
} from 'raft-ts';
import { memberId } from 'raft-ts/core';
import type { CompactionPolicy } from '../compaction/compaction-policy.js';
import { optionsInvalid } from '../errors.js';
import type { InMemoryStateMachine } from '../machine/in-memory-state-machine.js';
import { clock } from '../option-checks.js';
import type { OutsideWork } from '../service/outside/outside-work.js';
import type { ServiceLimits } from '../service/service-options.js';
import type { SessionLimits } from '../sessions/session-limits.js';
import type { MemberSnapshotsOptions } from '../snapshots/member-snapshots.js';
import type { OpenDurable } from './durable-parts.js';
import type { MemberEvent } from './member-event.js';

export interface MemberOptions<Command, Query> {
  /** Never given to another machine. */
  readonly id: MemberId;
  readonly clusterId: string;
  /** The member's own, made when it is missing: log, snapshots, and what is received of others. */
  readonly directory: string;
  /** What the state is, and how it is written in snapshots: raise the version with that. */
  readonly application: SnapshotApplication;
  /** One that holds its state in memory, or what opens one with a store of its own. */
  readonly machine: InMemoryStateMachine<Command, Query> | OpenDurable<Command, Query>;
  /** Where it listens: for members, clients, and for who fetches its state. */
  readonly listen: Required<Endpoints>;
  /**
   * Where others reach it, if that is elsewhere: also where `listen` names all addresses of a machine, or lets
   * the system choose a port. Told to the cluster where it has changed.
   */
  readonly advertise?: Required<Endpoints>;
  /**
   * Everybody who founds the cluster, the same on each. From then on the log says who takes part; whoever
   * comes later starts without it and waits to be added (`ReplicatedClient.addMember`).
   */
  readonly founders?: EndpointsByMember;
  /** Opened, and closed with the member. By default a RocksLogStore, which begins anew where it is damaged. */
  readonly log?: LogStore;
  /** When the log is cut; as `ServiceOptions.compaction`. */
  readonly compaction?: Partial<CompactionPolicy>;
  /** As `ServiceOptions.sessions`. */
  readonly sessions?: Partial<SessionLimits>;
  readonly limits?: Partial<ServiceLimits>;
  /** As `ServiceOptions.outside`. */
  readonly outside?: OutsideWork<Command, Query>;
  /** Rates, room on the disk, and what else is answered over HTTP. */
  readonly snapshots?: Partial<
    Pick<
      MemberSnapshotsOptions,
      'maxBytesPerSecond' | 'minFreeBytes' | 'freeBytes' | 'maxConnections' | 'handler'
    >
  >;
  /** Limits of the endpoint for clients. */
  readonly clients?: Omit<TcpRpcOptions, 'onEvent' | 'name'>;
  readonly raft?: ReplicaOptions['raft'];
  readonly tickMs?: number;
  readonly leaseReads?: ReplicaOptions['leaseReads'];
  /** Ends opening early. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** What it throws is uncaught. */
  readonly onEvent?: (event: MemberEvent) => void;
}

const allEndpoints: OptionsForm<Required<Endpoints>, Record<never, never>> = {
  fields: { member: address, client: address, http: address },
  defaults: {},
};
const endpoints: OptionsForm<Endpoints, Record<never, never>> = {
  fields: { member: address, client: optional(address), http: optional(address) },
  defaults: {},
};
function memberOptionsForm<Command, Query>(): OptionsForm<
  MemberOptions<Command, Query>,
  Record<never, never>
> {
  return {
    fields: {
      id: memberId,
      clusterId: text,
      directory: text,
      application: withMethods(),
      machine: withMethods(),
      listen: nested(allEndpoints),
      advertise: optional(nested(allEndpoints)),
      founders: optional(recordOf(memberId, nested(endpoints))),
      log: optional(withMethods('write', 'read', 'close')),
      compaction: optional(withMethods()),
      sessions: optional(withMethods()),
      limits: optional(withMethods()),
      outside: optional(withMethods()),
      snapshots: optional(withMethods()),
      clients: optional(withMethods()),
      raft: optional(withMethods()),
      tickMs: optional(milliseconds),
      leaseReads: optional(withMethods()),
      signal: optional(abortSignal),
      clock,
      onEvent: optional(callback()),
    },
    defaults: {},
    rules: ({ listen, advertise }) =>
      advertise !== undefined || Object.values(listen).every(isReachable)
        ? []
        : ['advertise must say where others reach the member: listen does not'],
  };
}

function isReachable(at: string): boolean {
  const { host, port } = parseAddress(at);
  return port !== 0 && host !== '0.0.0.0' && host !== '::';
}

/** Throws OPTIONS_INVALID; what belongs to one part is looked at when that is opened. */
export function completeMemberOptions<Command, Query>(
  options: MemberOptions<Command, Query>,
): MemberOptions<Command, Query> {
  return completeOptions(memberOptionsForm<Command, Query>(), options, optionsInvalid);
}
