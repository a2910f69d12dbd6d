import type { ClientLimits, ServiceLimits } from '@raft-ts/statemachine';
import type { MemberId, RaftOptions } from 'raft-ts';
import type { NetworkOptions } from './network.js';
import type { Random } from './random.js';

/** What one run is made of. */
export interface SimulationOptions {
  readonly members: readonly MemberId[];
  readonly clients: number;
  /** How clients and members meet: straight on the replica, or through the framework. */
  readonly application: 'direct' | 'framework' | 'namespace';
  /** Inodes in the namespace's cache. */
  readonly maxCacheEntries: number;
  /** Requests that a client has under way. */
  readonly clientRequests: number;
  /** Mean time between a client's answer and its next request. */
  readonly thinkMs: number;
  /** After this a client gives a request up. */
  readonly requestTimeoutMs: number;
  /** How long faults strike. */
  readonly faultMs: number;
  readonly tickMs: number;
  /** Mean of what an fsync takes. */
  readonly writeMs: number;
  /** Mean time between flushes of a member's state machine. */
  readonly flushMs: number;
  readonly network: NetworkOptions;
  readonly raft: Partial<RaftOptions>;
  /** Of the framework. */
  readonly service: Partial<ServiceLimits>;
  readonly client: Partial<ClientLimits>;
}

/** Options with which each run is another: the limits are small enough to be reached. */
export function drawOptions(random: Random, faultMs: number): SimulationOptions {
  const heartbeatTicks = random.integer(1, 3);
  const maxEntryBytes = 1024;
  const application = random.pick(['direct', 'framework', 'namespace'] as const);
  return {
    members: random.chance(0.7) ? [1, 2, 3] : [1, 2, 3, 4, 5],
    clients: random.integer(2, 6),
    application,
    maxCacheEntries: random.pick([1, 5, 1000]),
    clientRequests: application === 'direct' ? 1 : random.pick([1, 1, 4]),
    thinkMs: random.magnitude(10, 200),
    requestTimeoutMs: random.magnitude(100, 1000),
    faultMs,
    tickMs: random.pick([10, 20, 50]),
    writeMs: random.magnitude(0.2, 8),
    flushMs: random.magnitude(50, 5000),
    network: { delayMs: random.magnitude(0.2, 5), lateRate: random.pick([0, 0.001, 0.01]) },
    raft: {
      heartbeatTicks,
      electionTicks: heartbeatTicks * random.integer(3, 8),
      preVote: random.chance(0.7),
      checkQuorum: random.chance(0.7),
      maxEntryBytes,
      maxAppendBytes: random.pick([40, 100, 500, 100_000]),
      maxInflightAppends: random.pick([1, 3, 64]),
      maxInflightBytes: random.pick([100, 1000, 1_000_000]),
      maxUncommittedBytes: random.pick([300, 10_000_000]),
      maxApplyBytes: random.pick([40, 200, 100_000]),
      logWindowBytes: random.pick([1, 200, 2000, 1_000_000]),
      maxPendingReads: random.pick([1, 1000]),
    },
    service: {
      maxEntryItems: random.pick([1, 4, 512]),
      maxEntryBytes: maxEntryBytes / 2,
      maxCommandBytes: maxEntryBytes / 2,
      pipelineDepth: random.pick([1, 4, 100]),
    },
    client: {
      silenceMs: random.magnitude(50, 1000),
      minBackoffMs: 5,
      maxBackoffMs: 50,
      leaderWaitMs: random.magnitude(50, 1000),
    },
  };
}
