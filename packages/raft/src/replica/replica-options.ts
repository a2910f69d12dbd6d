import type { Clock } from '@raft-ts/net';
import type { MemberId } from '../core/log/entry.js';
import type { EndpointsByMember } from '../core/membership/endpoints.js';
import { defaultRaftOptions, optionProblems, type RaftOptions } from '../core/options.js';
import { RaftError } from '../errors.js';
import type { LogStore } from '../log/log-store.js';
import type { SnapshotSource } from '../snapshot/snapshot-source.js';
import type { Transport } from '../transport/transport.js';
import type { Applier } from './applier.js';
import { endpointProblem } from './endpoint-problem.js';
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
  /** Where the initial voters are reached; from then on the membership carries it. */
  readonly initialEndpoints?: EndpointsByMember;
  /** Opened; the replica closes it when it stops. */
  readonly log: LogStore;
  /** Not started; the replica starts it, and closes it when it stops. */
  readonly transport: Transport;
  readonly applier: Applier;
  /** Gets the state from others when the entries that this member lacks are compacted away. */
  readonly snapshots?: SnapshotSource;
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
  return { ...defaultRaftOptions, ...raft }.electionTicks;
}

/** Throws OPTIONS_INVALID with every rule that is broken. */
export function checkOptions(options: ReplicaOptions): void {
  const raft = { ...defaultRaftOptions, ...options.raft, leaseMs: leaseMs(options) };
  const voters = options.initialVoters ?? [];
  const problems = optionProblems(raft, [options.id, ...voters]);
  if (new Set(voters).size !== voters.length) problems.push('an initial voter is named twice');
  for (const endpoints of Object.values(options.initialEndpoints ?? {})) {
    const problem = endpointProblem(endpoints);
    if (problem !== undefined) problems.push(`initialEndpoints: ${problem}`);
  }
  if (options.clusterId === '') problems.push('clusterId must not be empty');
  const tickMs = options.tickMs ?? DEFAULT_TICK_MS;
  if (!Number.isSafeInteger(tickMs) || tickMs < 1) {
    // Timers leave fractions away: a tick, and with it the promise to a leader, would be shorter.
    problems.push(`tickMs must be a whole number, at least 1, not ${tickMs}`);
  }
  const drift = options.leaseReads?.maxClockDrift;
  if (drift !== undefined && !(drift >= 0 && drift < 1)) {
    problems.push(`maxClockDrift must be from 0 to below 1, not ${drift}`);
  }
  if (problems.length > 0) throw new RaftError('OPTIONS_INVALID', problems.join('; '));
}
