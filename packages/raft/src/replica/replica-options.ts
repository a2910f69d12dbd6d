import type { Clock } from '@raft-ts/net';
import {
  address,
  callback,
  completeOptions,
  listOf,
  milliseconds,
  nested,
  type OptionsForm,
  optional,
  recordOf,
  share,
  text,
  withMethods,
} from '@raft-ts/net/options';
import type { MemberId } from '../core/log/entry.js';
import type { Endpoints, EndpointsByMember } from '../core/membership/endpoints.js';
import {
  contradictions,
  defaultRaftOptions,
  memberId,
  type RaftOptions,
  raftOptionsForm,
} from '../core/options.js';
import { optionsInvalid } from '../errors.js';
import type { LogStore } from '../log/log-store.js';
import type { SnapshotSource } from '../snapshot/snapshot-source.js';
import type { Transport } from '../transport/transport.js';
import type { Applier } from './applier.js';
import type { ReplicaEvent } from './replica-event.js';

export interface ReplicaOptions {
  readonly id: MemberId;
  readonly clusterId: string;
  /**
   * The voters that a new cluster begins with, the same on each of them. Used once, by a founding
   * member whose log and state are empty; from then on the log says who takes part. A member that
   * is added later starts without it, or without being among them.
   */
  readonly initialVoters?: readonly MemberId[];
  /**
   * Where the initial voters are reached, the same on each of them and at each start of one with an empty log;
   * from then on the membership carries it.
   */
  readonly initialEndpoints?: EndpointsByMember;
  /** Opened; the replica closes it when it stops. */
  readonly log: LogStore;
  /** Not started; the replica starts it, and closes it when it stops. */
  readonly transport: Transport;
  readonly applier: Applier;
  /** Gets the state from others when the entries that this member lacks are compacted away. */
  readonly snapshots?: SnapshotSource;
  /**
   * Where others get the state of this member over HTTP: its offers name it beside what the membership says. That
   * alone by default.
   */
  readonly snapshotAddress?: string;
  /** Milliseconds a tick, a whole number; `raft` counts its timeouts in ticks. 20 by default. */
  readonly tickMs?: number;
  /** `leaseMs` is reckoned from `leaseReads`. */
  readonly raft?: Partial<Omit<RaftOptions, 'leaseMs'>>;
  /** Lets leaders answer `leaseRead` without asking a majority; off when not given. */
  readonly leaseReads?: LeaseReads;
  /** The process's own by default; a running member keeps its process alive then. */
  readonly clock?: Clock;
  /** Uniform in [0, 1); `Math.random` by default. */
  readonly random?: () => number;
  /** What it throws stops the member. */
  readonly onEvent?: (event: ReplicaEvent) => void;
}

/** What leases rest on. The same on every member. */
export interface LeaseReads {
  /**
   * By how much a member's monotonic clock may run fast or slow, as a share: 0.01 is 1 %. When one
   * runs worse than that, a read may be stale. Jumps of the wall clock, and pauses of a process
   * for however long, do no harm. A machine that sleeps stops this clock: none for leases.
   */
  readonly maxClockDrift: number;
}

export const DEFAULT_TICK_MS = 20;

/** By how much a timer may fire too early, however many follow one another: times are rounded. */
const TIMER_ERROR_MS = 1;

/**
 * For how long a lease may be trusted on this member's clock: others promise not to elect anybody
 * for an election timeout, of which a first part may have passed when the heartbeat arrives, and
 * their clocks may run fast while this one runs slow.
 */
export function leaseMs(options: ReplicaOptions): number {
  if (options.leaseReads === undefined) return 0;
  const { maxClockDrift } = options.leaseReads;
  const promisedMs =
    (electionTicks(options) - 1) * (options.tickMs ?? DEFAULT_TICK_MS) - TIMER_ERROR_MS;
  return (Math.max(promisedMs, 0) * (1 - maxClockDrift)) / (1 + maxClockDrift);
}

/** What a member's election timeout begins from. */
export function electionTicks({ raft }: ReplicaOptions): number {
  return raft?.electionTicks ?? defaultRaftOptions.electionTicks;
}

const { leaseMs: _, ...raftFields } = raftOptionsForm.fields;
const { leaseMs: NO_LEASE, ...raftDefaults } = defaultRaftOptions;

const raftForm: OptionsForm<NonNullable<ReplicaOptions['raft']>, typeof raftDefaults> = {
  fields: raftFields,
  defaults: raftDefaults,
  rules: (options) => contradictions({ ...options, leaseMs: NO_LEASE }),
};

const endpointsForm: OptionsForm<Endpoints, object> = {
  fields: { member: address, client: optional(address), http: optional(address) },
  defaults: {},
};

const optionsForm: OptionsForm<ReplicaOptions, object> = {
  fields: {
    id: memberId,
    clusterId: text,
    initialVoters: optional(listOf(memberId)),
    initialEndpoints: optional(recordOf(memberId, nested(endpointsForm))),
    log: withMethods('write', 'read', 'close'),
    transport: withMethods('start', 'send', 'connected', 'counters', 'close'),
    applier: withMethods('appended', 'apply'),
    snapshots: optional(withMethods('fetch')),
    snapshotAddress: optional(address),
    tickMs: optional(milliseconds),
    raft: optional(nested(raftForm)),
    leaseReads: optional(nested({ fields: { maxClockDrift: share }, defaults: {} })),
    clock: optional(withMethods('monotonicMs', 'wallMs', 'after', 'afterInput')),
    random: optional(callback()),
    onEvent: optional(callback()),
  },
  defaults: {},
  rules: ({ initialVoters = [], leaseReads, raft }) => {
    const found: string[] = [];
    if (new Set(initialVoters).size !== initialVoters.length) {
      found.push('initialVoters names a voter twice');
    }
    if (leaseReads !== undefined && raft?.checkQuorum === false) {
      found.push('leaseReads needs raft.checkQuorum: without it others may be elected meanwhile');
    }
    return found;
  },
};

/** Throws OPTIONS_INVALID with everything that is wrong. */
export function checkOptions(options: ReplicaOptions): void {
  completeOptions(optionsForm, options, optionsInvalid);
}
