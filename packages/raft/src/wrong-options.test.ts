import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OptionsTaker, tryWrongOptions } from '@raft-ts/fuzz';
import { HttpClient, systemClock } from '@raft-ts/net';
import { completeOptions } from '@raft-ts/net/options';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultRaftOptions, Raft, type RaftOptions, type RaftStart } from './core/index.js';
import { raftStartForm } from './core/raft-start.js';
import { isRaftError, optionsInvalid } from './errors.js';
import { MemoryLogStore } from './log/memory-log-store.js';
import {
  type ForceRecoveryOptions,
  forceRecovery,
  type RangeOptions,
  RocksDatabase,
  type RocksDatabaseOptions,
  type RocksLogStoreOptions,
  RocksSnapshotReceiver,
  type RocksSnapshotReceiverOptions,
} from './log/rocksdb/index.js';
import { logOptionsForm } from './log/rocksdb/log-options.js';
import { Replica } from './replica/replica.js';
import { checkOptions, type LeaseReads, type ReplicaOptions } from './replica/replica-options.js';
import { nativeOptions } from './rocksdb/database-options.js';
import { backUp, type FileBackupOptions } from './snapshot/back-up.js';
import {
  FileSnapshotReceiver,
  type FileSnapshotReceiverOptions,
} from './snapshot/file-snapshot-receiver.js';
import {
  HttpSnapshotSource,
  type HttpSnapshotSourceOptions,
} from './snapshot/http-snapshot-source.js';
import {
  keeperOptionsForm,
  SnapshotKeeper,
  type SnapshotKeeperOptions,
} from './snapshot/snapshot-keeper.js';
import { SnapshotServer, type SnapshotServerOptions } from './snapshot/snapshot-server.js';
import { machineStorage } from './snapshot/snapshot-storage.js';
import { RaftGroup, type RaftGroupOptions } from './testing/raft-group.js';
import { MemoryNetwork } from './transport/memory-transport.js';
import { defaultTcpLimits } from './transport/tcp-limits.js';
import { TcpTransport, type TcpTransportOptions } from './transport/tcp-transport.js';

const isRefusal = (error: unknown) => isRaftError(error, 'OPTIONS_INVALID');
const isTypeError = (error: unknown) => error instanceof TypeError;

let directory: string;
let database: RocksDatabase;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raft-options-'));
  database = await RocksDatabase.open({ directory: join(directory, 'database') });
});

afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

const start = { id: 1, log: MemoryLogStore.open().initial, applied: 0, random: () => 0.5 };

it('the core refuses wrong options and names them', async () => {
  const taker: OptionsTaker<Partial<RaftOptions>> = {
    name: 'RaftOptions',
    right: defaultRaftOptions,
    outOfRange: {
      electionTicks: [0, 1.5, 2],
      priority: [-1, 4],
      leaseMs: [-1, Number.POSITIVE_INFINITY],
      maxInflightBytes: [-1, Number.POSITIVE_INFINITY],
    },
    path: 'options.',
    take: (options) => new Raft({ ...start, options }),
    isRefusal: isTypeError,
  };
  await tryWrongOptions(taker);
});

it('the core refuses to start from what it can not, and names it', async () => {
  const taker: OptionsTaker<RaftStart> = {
    name: 'RaftStart',
    right: { ...start, options: {}, joining: true },
    outOfRange: { id: [0, 2 ** 32], applied: [-1] },
    // What a log holds is not looked at: only that it is an object.
    take: (options) => completeOptions(raftStartForm, options, (message) => new TypeError(message)),
    isRefusal: isTypeError,
  };
  await tryWrongOptions(taker);
});

const replica: ReplicaOptions = {
  id: 1,
  clusterId: 'test',
  log: MemoryLogStore.open(),
  transport: new MemoryNetwork().transport(1),
  applier: { appliedIndex: 0, appended: () => {}, apply: () => undefined },
};

it('a replica refuses wrong options and names them', async () => {
  const taker: OptionsTaker<ReplicaOptions> = {
    name: 'ReplicaOptions',
    right: {
      ...replica,
      initialVoters: [1],
      initialEndpoints: { 1: { member: '127.0.0.1:1' } },
      snapshots: { fetch: () => Promise.reject(new Error('none')) },
      snapshotAddress: 'host-1:6301',
      tickMs: 20,
      raft: {},
      leaseReads: { maxClockDrift: 0.01 },
      clock: systemClock,
      random: () => 0.5,
      onEvent: () => {},
    },
    outOfRange: {
      clusterId: [''],
      initialVoters: [[1, 1], [0]],
      initialEndpoints: [{ 1: { member: 'one' } }, { 0: { member: '127.0.0.1:1' } }],
      tickMs: [0, 1.5, 2 ** 31],
    },
    take: checkOptions,
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('a replica refuses wrong options of the core and of leases, and names them', async () => {
  const { leaseMs, ...raftOptions } = defaultRaftOptions;
  expect(() => checkOptions({ ...replica, raft: defaultRaftOptions })).toThrow(
    'raft.leaseMs is no option',
  );
  const ofCore: OptionsTaker<NonNullable<ReplicaOptions['raft']>> = {
    name: 'ReplicaOptions.raft',
    right: raftOptions,
    outOfRange: { heartbeatTicks: [0, 20] },
    path: 'raft.',
    take: (raft) => checkOptions({ ...replica, raft }),
    isRefusal,
  };
  await tryWrongOptions(ofCore);
  const ofLeases: OptionsTaker<LeaseReads> = {
    name: 'LeaseReads',
    right: { maxClockDrift: 0 },
    outOfRange: { maxClockDrift: [-0.1, 1] },
    path: 'leaseReads.',
    take: (leaseReads) => checkOptions({ ...replica, leaseReads }),
    isRefusal,
  };
  await tryWrongOptions(ofLeases);
});

it.each([undefined, null, 5, {}, { ...replica, log: 5 }, { ...replica, transport: undefined }])(
  'a replica is not started with %o',
  async (options) => {
    const started = Reflect.apply(Replica.start, Replica, [options]);
    await expect(started).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  },
);

it('TcpTransport refuses wrong options and names them', async () => {
  const taker: OptionsTaker<TcpTransportOptions> = {
    name: 'TcpTransport',
    right: {
      ...defaultTcpLimits,
      id: 1,
      clusterId: 'test',
      address: '127.0.0.1:0',
      peers: new Map([[2, '127.0.0.1:1']]),
      random: () => 0.5,
      onEvent: () => {},
    },
    outOfRange: {
      address: ['nonsense', 'one:65536'],
      peers: [new Map([[0, '127.0.0.1:1']]), new Map([[2, 'one']])],
      keepAliveMs: [0, 2 ** 31],
    },
    take: (options) => new TcpTransport(options),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('a log in RocksDB refuses wrong options and names them', async () => {
  const taker: OptionsTaker<RocksLogStoreOptions> = {
    name: 'RocksLogStore',
    right: {
      directory: 'log',
      clusterId: 'test',
      memberId: 1,
      signal: new AbortController().signal,
      onDamage: 'replace',
      knownDamage: 'a block',
      existing: true,
      onReplaced: () => {},
      memtableBudgetBytes: 2 ** 20,
      blockCacheBytes: 2 ** 20,
    },
    outOfRange: { directory: [''], memberId: [0], blockCacheBytes: [2 ** 20 - 1, 2 ** 32] },
    take: (options) => completeOptions(logOptionsForm, options, optionsInvalid),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('a database and a range of it refuse wrong options and name them', async () => {
  const ofDatabase: OptionsTaker<RocksDatabaseOptions> = {
    name: 'RocksDatabase',
    right: {
      directory: 'x',
      memtableBudgetBytes: 2 ** 20,
      blockCacheBytes: 2 ** 20,
      reclaimFirst: true,
    },
    outOfRange: { directory: [''], memtableBudgetBytes: [0, 1.5 * 2 ** 21 + 0.5, 2 ** 32] },
    take: nativeOptions,
    isRefusal,
  };
  await tryWrongOptions(ofDatabase);
  const ofRange: OptionsTaker<RangeOptions> = {
    name: 'RocksDatabase.range',
    right: {
      gte: Buffer.from('a'),
      lt: Buffer.from('b'),
      keys: true,
      pageRows: 1,
      pageBytes: 1,
      fillCache: true,
    },
    outOfRange: { pageRows: [0, 2 ** 31], pageBytes: [1.5] },
    take: (options) => database.range(options).close(),
    isRefusal,
  };
  await tryWrongOptions(ofRange);
});

it('a forced recovery refuses wrong options and names them', async () => {
  const taker: OptionsTaker<ForceRecoveryOptions> = {
    name: 'forceRecovery',
    right: {
      directory: join(directory, 'none'),
      clusterId: 'old',
      memberId: 1,
      signal: new AbortController().signal,
      snapshots: 'none',
      newClusterId: 'new',
      lostVoters: [2, 3],
      reason: 'fire',
      atMs: 1,
    },
    outOfRange: { lostVoters: [[0], [1.5]], atMs: [-1], reason: [''] },
    // There is no member: with right options that is what it says.
    take: (options) =>
      forceRecovery(options).catch((error: unknown) => {
        if (!isRaftError(error, 'RECOVERY_REFUSED')) throw error;
      }),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('a group of cores refuses wrong options and names them', async () => {
  const taker: OptionsTaker<RaftGroupOptions> = {
    name: 'RaftGroup',
    right: {
      size: 1,
      voters: [1],
      learners: [],
      raft: {},
      raftOf: { 1: {} },
      random: () => 0.5,
      manualDisk: true,
      manualReads: true,
    },
    outOfRange: { size: [0, 1.5], voters: [[0]], raftOf: [{ 0: {} }] },
    take: (options) => new RaftGroup(options),
    isRefusal: isTypeError,
  };
  await tryWrongOptions(taker);
});

const application = { name: 'app', version: 1 };
const clock = systemClock;
const rates = [0, -1, Number.NaN];

it('SnapshotKeeper refuses wrong options and names them', async () => {
  const taker: OptionsTaker<SnapshotKeeperOptions> = {
    name: 'SnapshotKeeper',
    right: {
      directory,
      clusterId: 'test',
      maxSnapshots: 2,
      keepsNewest: true,
      readerTimeoutMs: 1,
      storage: machineStorage,
      blockBytes: 1,
      clock,
      onEvent: () => {},
    },
    outOfRange: {
      directory: [''],
      maxSnapshots: [0, 1.5],
      readerTimeoutMs: [0],
      blockBytes: [0, 2 ** 21],
    },
    // What lies in a directory is not looked at.
    take: (options) => completeOptions(keeperOptionsForm, options, optionsInvalid),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('SnapshotServer refuses wrong options and names them', async () => {
  const keeper = await SnapshotKeeper.open({ directory, clusterId: 'test' });
  const taker: OptionsTaker<SnapshotServerOptions> = {
    name: 'SnapshotServer',
    right: {
      clusterId: 'test',
      application,
      keeper,
      supply: { take: async () => undefined },
      maxSentBytesPerSecond: 1,
      maxWrittenBytesPerSecond: 1,
      maxReaders: 1,
      answerWithinMs: 1,
      clock,
    },
    outOfRange: {
      application: [
        { name: '', version: 1 },
        { name: 'app', version: 2 ** 32 },
      ],
      maxSentBytesPerSecond: rates,
      maxWrittenBytesPerSecond: rates,
      maxReaders: [0],
      answerWithinMs: [0, 2 ** 31],
    },
    take: (options) => new SnapshotServer(options),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

const install = async () => {};

it('HttpSnapshotSource refuses wrong options and names them', async () => {
  await using client = new HttpClient();
  const taker: OptionsTaker<HttpSnapshotSourceOptions> = {
    name: 'HttpSnapshotSource',
    right: {
      clusterId: 'test',
      application,
      receiver: new FileSnapshotReceiver({ directory, install }),
      peers: () => [],
      rangeBytes: 1,
      maxBytesPerSecond: 1,
      makingTimeoutMs: 1,
      onProgress: () => {},
      client,
      clock,
    },
    outOfRange: { rangeBytes: [0], maxBytesPerSecond: rates, makingTimeoutMs: [0, 2 ** 31] },
    take: (options) => new HttpSnapshotSource(options),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('backUp refuses wrong options and names them', async () => {
  await using client = new HttpClient();
  const { signal } = new AbortController();
  const taker: OptionsTaker<FileBackupOptions> = {
    name: 'backUp',
    right: {
      clusterId: 'test',
      application,
      peers: [{ member: 1, address: '127.0.0.1:1' }],
      leader: 1,
      index: 1,
      maxBytesPerSecond: 1,
      progress: () => {},
      overwrite: false,
      client,
      clock,
    },
    outOfRange: { peers: [[]], leader: [-1], index: [-1], maxBytesPerSecond: rates },
    take: async (options) => {
      // Nobody has the state: right options fail at that.
      const failure = await backUp(join(directory, 'backup'), options, signal).catch(
        (error: unknown) => error,
      );
      if (!isRaftError(failure, 'SNAPSHOT_FAILED')) throw failure;
    },
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('receivers of snapshots refuse wrong options and name them', async () => {
  const files: OptionsTaker<FileSnapshotReceiverOptions> = {
    name: 'FileSnapshotReceiver',
    right: { directory, install, storage: machineStorage },
    outOfRange: { directory: [''] },
    take: (options) => new FileSnapshotReceiver(options),
    isRefusal,
  };
  await tryWrongOptions(files);
  const rows: OptionsTaker<RocksSnapshotReceiverOptions> = {
    name: 'RocksSnapshotReceiver',
    right: { directory, install },
    outOfRange: { directory: [''] },
    take: (options) => new RocksSnapshotReceiver(options),
    isRefusal,
  };
  await tryWrongOptions(rows);
});
