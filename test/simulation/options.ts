import type { RpcLimits } from '@raft-ts/net';
import type {
  ClientLimits,
  CompactionPolicy,
  ReadFrom,
  ServiceLimits,
} from '@raft-ts/statemachine';
import type { LeaseReads, MemberId, RaftOptions } from 'raft-ts';
import { MAX_PRIORITY } from 'raft-ts/core';
import { defaultTcpLimits } from 'raft-ts/testing';
import { MAX_CLOCK_DRIFT } from './machine-clock.js';
import { leastOpenFiles } from './member/open-files.js';
import { drawMountOptions, type MountOptions } from './mount-options.js';
import type { Random } from './random.js';
import type { NetworkOptions } from './wire/network.js';

/** How snapshots are made, kept and moved. */
export interface SnapshotOptions {
  /** Bytes of contents in a block. */
  readonly blockBytes: number;
  readonly rangeBytes: number;
  /** Bytes of a body that travel together. */
  readonly sliceBytes: number;
  /** Files that are kept. */
  readonly maxSnapshots: number;
  readonly readerTimeoutMs: number;
  readonly maxReaders: number;
  readonly answerWithinMs: number;
  readonly makingTimeoutMs: number;
  /** What a member sends in a second. */
  readonly bytesPerSecond: number;
  /** Mean time between two pages of rows as a snapshot is made. */
  readonly pageMs: number;
  /** How long a client of HTTP waits for anything. */
  readonly patienceMs: number;
}

/** What one run is made of. */
export interface SimulationOptions {
  /** Who founds the cluster. */
  readonly members: readonly MemberId[];
  /** All machines: the founders, and those that may join them. */
  readonly machines: readonly MemberId[];
  readonly clients: number;
  /** How clients and members meet: straight on the replica, or through the framework, with a state on the disk or in memory. */
  readonly application: 'direct' | 'framework' | 'namespace' | 'memory';
  /** Undefined where nothing is mounted; always but in the namespace. */
  readonly mounts: MountOptions | undefined;
  /** Inodes in the namespace's cache. */
  readonly maxCacheEntries: number;
  /** Requests that a client has under way. */
  readonly clientRequests: number;
  /** Mean number of requests that a client makes one soon after the other, before it rests. */
  readonly burstRequests: number;
  /** Mean time between an answer and the next request of a burst. */
  readonly thinkMs: number;
  /** Mean time between two bursts. */
  readonly restMs: number;
  /** After this a client gives a request up. */
  readonly requestTimeoutMs: number;
  /** How long a run takes at least. */
  readonly runMs: number;
  /** How long faults strike; then everything heals. */
  readonly faultMs: number;
  readonly tickMs: number;
  /** How far wall clocks are off at the start, either way. */
  readonly maxWallOffsetMs: number;
  /** Mean of what an fsync takes. */
  readonly writeMs: number;
  /** Bytes of a group of writes of the product's log; 0 for a plain one, which is faster. */
  readonly groupBytes: number;
  /** Bytes of entries that the product's log has behind its outline, before that is written anew. */
  readonly outlineBytes: number;
  /** Mean time between flushes of a member's state machine. */
  readonly flushMs: number;
  /** Files, sockets included, that a member's process may have open. */
  readonly openFiles: number;
  readonly network: NetworkOptions;
  /** Pieces that what is sent at once arrives in, at most: members' messages, clients' requests. */
  readonly maxMessagePieces: number;
  readonly maxRequestPieces: number;
  readonly rpc: Partial<RpcLimits>;
  /** A member does not believe what another's connection brings after a longer silence. */
  readonly trustedSilenceMs: number;
  readonly raft: Partial<Omit<RaftOptions, 'leaseMs'>>;
  /** What some members do otherwise, as while a new version is rolled out. */
  readonly differing: Readonly<Record<MemberId, Partial<Omit<RaftOptions, 'leaseMs'>>>>;
  readonly leaseReads: LeaseReads | undefined;
  /**
   * Entries that a member keeps when it makes its state durable and compacts its log; Infinity when
   * it doesn't compact by itself.
   */
  readonly keepEntries: number;
  /** When the framework cuts a member's log. */
  readonly compaction: Partial<CompactionPolicy>;
  readonly snapshots: SnapshotOptions;
  /** Whether the membership says where members answer. */
  readonly namesEndpoints: boolean;
  /** Of the framework. */
  readonly service: Partial<ServiceLimits>;
  readonly client: Partial<ClientLimits>;
  /** Who answers clients' reads, through the framework. */
  readonly readFrom: ReadFrom;
}

/** Of the runs with the namespace. */
const MOUNTED_SHARE = 0.5;
const LOOK_BYTES = 16 * 1024;
const MIN_REST_MS = 200;
/** Longer than any silence: what links have held up comes to members of all ages. */
const TRUSTING_MS = 3_600_000;
/** More than a member needs: many clients' worth. */
const MAX_SPARE_FILES = 64;
/** Share of a run during which faults strike. */
const FAULT_SHARE = 5 / 6;

/** Clients that together make so many requests a second as long as all goes well. */
function drawLoad(
  random: Random,
  requestsAtOnce: readonly number[],
): Pick<SimulationOptions, 'clients' | 'clientRequests' | 'burstRequests' | 'thinkMs' | 'restMs'> {
  const clients = random.integer(2, 5);
  const clientRequests = random.pick(requestsAtOnce);
  const burstRequests = random.magnitude(2, 30);
  const thinkMs = random.magnitude(10, 400);
  const requestsASecond = random.magnitude(4, 25);
  const cycleMs = ((clients * clientRequests * burstRequests) / requestsASecond) * 1000;
  const restMs = Math.max(MIN_REST_MS, cycleMs - burstRequests * thinkMs);
  return { clients, clientRequests, burstRequests, thinkMs, restMs };
}

/**
 * Options with which each run is another. The limits are small enough to be reached; timeouts,
 * latencies and pauses are long, and the load comes in bursts, so that little of a run is spent
 * on heartbeats between members that agree.
 */
export function drawOptions(random: Random, runMs: number, founders?: number): SimulationOptions {
  const heartbeatTicks = random.integer(1, 3);
  const maxEntryBytes = 1024;
  const application = drawApplication(random);
  const size = random.pick([2, 3, 3, 3, 4, 5, 5, 5, 7]);
  const members = Array.from({ length: founders ?? size }, (_, i) => i + 1);
  const machines = Array.from({ length: members.length + random.integer(0, 3) }, (_, i) => i + 1);
  const compaction = drawCompaction(random.fork('compaction'), application === 'memory');
  const leaseReads = random.chance(0.5) ? { maxClockDrift: MAX_CLOCK_DRIFT } : undefined;
  const load = drawLoad(random, application === 'direct' ? [1] : [1, 1, 4]);
  const maxInflightRequests = random.pick([1, 4, 4096]);
  // Where requests fill a connection, the question whether its member still serves waits behind them.
  const leastSilenceMs = load.clientRequests < maxInflightRequests ? 250 : 2500;
  const drawn: SimulationOptions = {
    members,
    machines,
    application,
    mounts: undefined,
    maxCacheEntries: random.pick([1, 5, 1000]),
    ...load,
    requestTimeoutMs: random.magnitude(500, 5000),
    runMs,
    faultMs: runMs * FAULT_SHARE,
    tickMs: random.pick([50, 100]),
    maxWallOffsetMs: random.pick([60_000, 365 * 86_400_000]),
    writeMs: random.magnitude(1, 40),
    groupBytes: random.pick([0, 0, 256, 8192]),
    outlineBytes: random.fork('outline').magnitude(50, 5000),
    flushMs: random.magnitude(250, 20_000),
    keepEntries: keptOf(random.pick([0, 1, 10, 100, Number.POSITIVE_INFINITY]), compaction),
    compaction,
    snapshots: drawSnapshots(random.fork('snapshot options')),
    namesEndpoints: random.fork('endpoints').chance(0.6),
    network: { delayMs: random.magnitude(1, 25), lateRate: random.pick([0, 0.001, 0.01]) },
    maxMessagePieces: random.pick([1, 1, 3]),
    maxRequestPieces: random.pick([1, 4]),
    rpc: {
      maxInflightRequests,
      // One more than a client has under way: it can still ask whether the member that is silent serves.
      maxPendingRequests: random.pick([Math.max(4, load.clientRequests + 1), 65_536]),
      maxQueuedBytes: random.pick([4000, 1_000_000]),
    },
    raft: {
      heartbeatTicks,
      electionTicks: heartbeatTicks * random.integer(3, 8),
      preVote: random.chance(0.7),
      checkQuorum: leaseReads !== undefined || random.chance(0.7),
      maxWriteTicks: random.pick([0, 5, 40]),
      maxPromotionLagEntries: random.pick([1, 10, 10_000]),
      maxEntryBytes,
      maxAppendBytes: random.pick([40, 100, 500, 100_000]),
      maxInflightAppends: random.pick([1, 3, 64]),
      maxInflightBytes: random.pick([100, 1000, 1_000_000]),
      maxUncommittedBytes: random.pick([60, 300, 10_000_000]),
      maxUnappliedBytes: random.pick([120, 600, 10_000_000]),
      maxApplyBytes: random.pick([40, 200, 100_000]),
      logWindowBytes: random.pick([1, 200, 2000, 1_000_000]),
      maxPendingReads: random.pick([1, 1000]),
    },
    differing: random.chance(0.4) ? drawDiffering(random, machines, leaseReads !== undefined) : {},
    leaseReads,
    service: {
      maxEntryItems: random.pick([1, 4, 512]),
      maxEntryBytes: maxEntryBytes / 2,
      maxCommandBytes: maxEntryBytes / 2,
      pipelineDepth: random.pick([1, 4, 100]),
    },
    client: {
      silenceMs: random.magnitude(leastSilenceMs, 5000),
      minBackoffMs: 20,
      maxBackoffMs: 250,
      leaderWaitMs: random.magnitude(250, 5000),
    },
    readFrom: random.pick(['leader', 'any']),
    trustedSilenceMs: random.pick([defaultTcpLimits.trustedSilenceMs, TRUSTING_MS]),
    openFiles: leastOpenFiles(machines.length) + random.integer(0, MAX_SPARE_FILES),
  };
  const options = { ...drawn, requestTimeoutMs: Math.max(drawn.requestTimeoutMs, queuedMs(drawn)) };
  const mounts = random.fork('mounts');
  const isMounted = application === 'namespace' && mounts.chance(MOUNTED_SHARE);
  return isMounted ? withMounts(options, drawMountOptions(mounts)) : options;
}

/** Options with which a storage is mounted, in the namespace. */
export function withMounts(drawn: SimulationOptions, mounts: MountOptions): SimulationOptions {
  return {
    ...drawn,
    application: 'namespace',
    mounts,
    // What a look finds goes into the log in one command, however many entries a directory has.
    service: { ...drawn.service, maxEntryBytes: LOOK_BYTES, maxCommandBytes: LOOK_BYTES },
    // Who does not notice that it leads no more goes on in the storage, where nothing keeps it off.
    raft: { ...drawn.raft, checkQuorum: true, maxEntryBytes: 2 * LOOK_BYTES },
    differing: Object.fromEntries(
      Object.entries(drawn.differing).map(([id, raft]) => [id, { ...raft, checkQuorum: true }]),
    ),
  };
}

/**
 * What a request takes that comes when all clients have as many under way as they may: where they give up
 * sooner, members do little but what nobody waits for any more, and some client may never be served.
 */
function queuedMs(options: SimulationOptions): number {
  const { clients, clientRequests, writeMs, network, service, raft } = options;
  const { pipelineDepth = 1, maxEntryItems = 1 } = service;
  const atOnce = Math.min(pipelineDepth, raft.maxInflightAppends ?? 1) * maxEntryItems;
  // Both ways to the leader and from there to a follower, and a write on both.
  const oneMs = 2 * writeMs + 4 * network.delayMs;
  return (clients * clientRequests * oneMs) / atOnce;
}

/** Many blocks and ranges of states that are small, at a pace at which faults meet them. */
function drawSnapshots(random: Random): SnapshotOptions {
  return {
    blockBytes: random.pick([100, 500, 2000]),
    rangeBytes: random.pick([500, 1000, 20_000]),
    sliceBytes: random.pick([64, 300, 4000]),
    maxSnapshots: random.integer(1, 3),
    readerTimeoutMs: Math.round(random.magnitude(500, 10_000)),
    maxReaders: random.integer(1, 4),
    answerWithinMs: Math.round(random.magnitude(100, 1000)),
    makingTimeoutMs: Math.round(random.magnitude(2000, 10_000)),
    bytesPerSecond: random.pick([Number.POSITIVE_INFINITY, 20_000, 10_000]),
    pageMs: random.magnitude(0.5, 50),
    patienceMs: random.magnitude(1000, 5000),
  };
}

/** Half of those with a list through the framework keep it in memory. */
function drawApplication(random: Random): SimulationOptions['application'] {
  const application = random.pick(['direct', 'framework', 'namespace'] as const);
  return application === 'framework' && random.fork('memory').chance(0.5) ? 'memory' : application;
}

/** Small enough to be reached; by default no run is long enough. */
function drawCompaction(random: Random, always: boolean): SimulationOptions['compaction'] {
  if (!always && random.chance(0.5)) return {};
  const everyEntries = random.pick([2, 10, 50, 1_000_000]);
  return {
    everyEntries,
    everyBytes: random.pick([200, 3_000, 1_000_000]),
    heldBytes: random.pick([3_000, 1_000_000]),
    keepEntries: random.integer(0, Math.min(everyEntries - 1, 20)),
    ...random.pick([{ overtakeMembers: true }, { overtakeMembers: false }, {}, {}]),
  };
}

/** Where the framework cuts the log, nobody else does. */
function keptOf(keep: number, { everyEntries }: SimulationOptions['compaction']): number {
  return everyEntries === undefined ? keep : Number.POSITIVE_INFINITY;
}

/** Leases rest on everybody's check of the quorum. */
function drawDiffering(
  random: Random,
  machines: readonly MemberId[],
  leases: boolean,
): SimulationOptions['differing'] {
  const differing: Record<MemberId, Partial<RaftOptions>> = {};
  for (const id of machines) {
    differing[id] = {
      preVote: random.chance(0.5),
      priority: random.integer(0, MAX_PRIORITY),
      ...(leases ? {} : { checkQuorum: random.chance(0.5) }),
    };
  }
  return differing;
}

/** What one member is given. */
export function raftOptionsOf(
  { raft, differing }: Pick<SimulationOptions, 'raft' | 'differing'>,
  id: MemberId,
): SimulationOptions['raft'] {
  return { ...raft, ...differing[id] };
}
