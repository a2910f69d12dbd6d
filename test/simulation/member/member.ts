import { TABLES_CHECK_MS } from 'inode-app/store';
import {
  isRaftError,
  type MemberId,
  RaftError,
  Replica,
  type ReplicaOptions,
  type ReplicaStatus,
} from 'raft-ts';
import { isJoint } from 'raft-ts/core';
import { finishReplacing } from 'raft-ts/testing';
import { addressOf, CLUSTER_ID, httpAddressOf } from '../addresses.js';
import type { Coverage, CoverageKind } from '../coverage.js';
import { type DiskTrouble, VirtualDisk } from '../disk/virtual-disk.js';
import { type FileContents, type VirtualFile, VirtualFiles } from '../disk/virtual-files.js';
import type { MachineClock } from '../machine-clock.js';
import { raftOptionsOf, type SimulationOptions } from '../options.js';
import { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import type { Trace } from '../trace.js';
import type { Watch } from '../watch.js';
import type { HttpExchange } from '../wire/http.js';
import type { VirtualNetwork } from '../wire/network.js';
import { type RpcExchange, VirtualRpcNetwork, type VirtualRpcServer } from '../wire/rpc.js';
import { type MessageExchange, VirtualTransport } from '../wire/transport.js';
import { Application } from './application.js';
import { listOfRows } from './list-rows.js';
import { type ListCopy, ListStore } from './list-store.js';
import { OpenFiles } from './open-files.js';
import { ReceivedRows, STATE_DIRECTORY } from './received-rows.js';
import { KEPT_DIRECTORY, MemberSnapshots, openKeeper } from './snapshots.js';

/** One life of a member, from a start to a crash or stop. */
interface Life {
  readonly process: VirtualProcess;
  replica: Replica | undefined;
  server: VirtualRpcServer | undefined;
  readonly files: OpenFiles;
  application: Application | undefined;
  snapshots: MemberSnapshots | undefined;
  status: ReplicaStatus | undefined;
  /** It has been told to stop, and may hand over the lead before. */
  leaving: boolean;
  stopping: boolean;
}

/**
 * When a fault does most: just elected; several writes being written at once; entries being
 * replaced; a snapshot about to be installed, with the log ready for it; a leader has entered a joint configuration, or left it; a
 * snapshot being made, sent, or received.
 */
export type Moment =
  | 'elected'
  | 'writing'
  | 'replacing'
  | 'installing'
  | 'joint'
  | 'joint-left'
  | 'making'
  | 'serving'
  | 'receiving';

/**
 * With what the product keeps of them, the files that a process may open are enough for its tables and
 * the connections that it accepts, whoever knocks.
 */
const OPEN_FILES_SUFFICE = 'open-files-suffice';

const DISK_TROUBLES: Readonly<Record<DiskTrouble, CoverageKind>> = {
  slow: 'disk slow',
  stalled: 'disk stalled',
  full: 'disk full',
  write: 'writes fail',
  fsync: 'fsync fails',
};

/** What a member shares with the others. */
export interface MemberParts {
  readonly options: SimulationOptions;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: VirtualNetwork;
  readonly rpc: RpcExchange;
  readonly coverage: Coverage;
  readonly trace: Trace;
  readonly messages: MessageExchange;
  readonly http: HttpExchange;
  /** Asked for once the cluster stands: the properties look at it. */
  readonly watch: () => Watch;
  /** Called after each turn in which role or term changed. */
  readonly onRole: (id: MemberId, now: ReplicaStatus, before: ReplicaStatus | undefined) => void;
  readonly onMoment: (moment: Moment, id: MemberId) => void;
  /** What a founder is told. */
  readonly founding: () => Pick<ReplicaOptions, 'initialVoters' | 'initialEndpoints'>;
  /** Called when a member stopped by itself. */
  readonly onStopped: (id: MemberId, error: Error) => void;
}

/** What a machine held beside its log at some moment. */
export interface StateCopy {
  readonly list: ListCopy;
  readonly files: ReadonlyMap<string, FileContents>;
}

/** How a member is started. */
export interface StartOptions {
  /** It is told who founds the cluster, as on its first start. */
  readonly founding: boolean;
  /** What to do about a damaged log. */
  readonly onDamage: 'fail' | 'rebuild';
}

/** A machine with a disk, a state and a clock, on which one process after the other runs. */
export class Member {
  readonly id: MemberId;
  readonly disk: VirtualDisk;
  readonly files: VirtualFiles;
  readonly store = new ListStore();
  readonly clock: MachineClock;
  readonly #parts: MemberParts;
  /** Up to here the log was told to forget, whoever needs it. */
  forgottenTo = 0;
  #lives = 0;
  #cuts = true;
  #moves = 0;
  /** What lies where the state does, and is in `store`. */
  #loaded: FileContents | undefined;
  #life: Life | undefined;

  constructor(id: MemberId, clock: MachineClock, parts: MemberParts) {
    this.id = id;
    this.clock = clock;
    this.#parts = parts;
    const { time, random, options, trace, coverage } = parts;
    const { writeMs, groupBytes } = options;
    this.disk = new VirtualDisk(
      time,
      random.fork(`disk ${id}`),
      { writeMs, groupBytes },
      {
        handedOver: (write, replaced) => parts.watch().hooks.handedOver(id, write, replaced),
        durable: (write, replaced) => {
          trace.record('durable', id, write.entries.at(-1)?.index ?? 0, replaced.length, () =>
            JSON.stringify({
              ...write.hardState,
              ...(write.base === undefined ? {} : { base: write.base.index }),
              entries: write.entries.map(({ index, term }) => `${index}/${term}`),
              replaced: replaced.length,
            }),
          );
          parts.watch().hooks.durable(id, write, replaced);
        },
        writing: (writes, replaces) => {
          if (writes > 1) parts.onMoment('writing', id);
          if (replaces) parts.onMoment('replacing', id);
        },
        read: () => coverage.count('entries read from disk'),
        struck: (trouble) => coverage.count(DISK_TROUBLES[trouble]),
        crashed: (sight) => coverage.count(sight),
        rebuilt: (hardState) => parts.watch().hooks.rebuilt(id, hardState),
        misread: (what) =>
          parts.watch().violate('logs-are-found-as-written', `member ${id} ${what}`),
      },
    );
    this.files = new VirtualFiles(this.disk, random.fork(`files of ${id}`), (sight) =>
      coverage.count(sight),
    );
  }

  /** How many processes have run here. */
  get lives(): number {
    return this.#lives;
  }

  get runs(): boolean {
    return this.#life !== undefined;
  }

  /** Where clients come to its process. */
  get server(): VirtualRpcServer | undefined {
    return this.#life?.server;
  }

  /** As of the last turn of its process; undefined while it is down. */
  get status(): ReplicaStatus | undefined {
    return this.#life?.status;
  }

  get process(): VirtualProcess | undefined {
    return this.#life?.process;
  }

  /** Of the process that runs now; 0 for none. */
  get monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  get ranMs(): number {
    return this.#life?.process.ranMs ?? 0;
  }

  get pauses(): number {
    return this.#life?.process.pauses ?? 0;
  }

  /** While it runs, and is not about to stop. */
  get replica(): Replica | undefined {
    return this.#life?.stopping === true ? undefined : this.#life?.replica;
  }

  start(how: StartOptions): void {
    if (this.#life !== undefined) return;
    const { time, network, coverage, trace } = this.#parts;
    const process = new VirtualProcess(`member ${this.id}`, time, this.clock);
    const life: Life = {
      process,
      replica: undefined,
      server: undefined,
      files: this.#openFiles(() => life.server?.connections ?? 0),
      application: undefined,
      snapshots: undefined,
      status: undefined,
      leaving: false,
      stopping: false,
    };
    this.#life = life;
    if (this.#lives++ > 0) coverage.count('member restarted');
    const { lastIndex } = this.disk.durable;
    trace.record(
      'started',
      this.id,
      lastIndex,
      this.store.appliedIndex,
      () => `log ${lastIndex}, state ${this.store.appliedIndex}`,
    );
    network.attach(this.id, process);
    this.#run(life, how).catch((error: unknown) => this.#stoppedItself(life, error));
    this.#keepHouse(life);
    this.#watchOpenFiles(life);
  }

  /**
   * Its log forgets nothing any more but by the service's policy: an embedder that keeps a single entry can
   * outrun a slow fetch for ever, by the few entries that members write by themselves.
   */
  cutNoMore(): void {
    this.#cuts = false;
  }

  /** Makes the state durable now and then, and lets the log forget what it holds. */
  #keepHouse(life: Life): void {
    const { random, options } = this.#parts;
    const stream = random.fork(`flush ${this.id} ${this.#lives}`);
    life.process.clock.after(stream.exponential(options.flushMs), () => {
      this.flush();
      life.files.flush();
      if (this.#cuts && Number.isFinite(options.keepEntries)) this.compact(options.keepEntries);
      this.#keepHouse(life);
    });
  }

  /** Whether the state is in memory, and nothing but its snapshots on the disk. */
  get #inMemory(): boolean {
    return this.#parts.options.application === 'memory';
  }

  /** Where others get its state. */
  get httpAddress(): string {
    return httpAddressOf(this.id, this.#moves);
  }

  /** From its next start on it answers for its state at another address. */
  move(): void {
    this.#moves++;
  }

  /** Snapshots that lie here to be handed out, or to restart from. */
  get keptFiles(): readonly VirtualFile[] {
    return this.files.filesIn(KEPT_DIRECTORY);
  }

  /** What a state on the disk holds now survives a crash. */
  flush(): void {
    if (!this.#inMemory) this.store.flush();
  }

  /** All that the machine holds beside its log goes. */
  wipeState(): void {
    this.store.wipe();
    this.files.wipe();
    this.#loaded = undefined;
  }

  copyState(): StateCopy {
    return { list: this.store.copy(), files: this.files.copy() };
  }

  putBackState({ list, files }: StateCopy): void {
    this.store.replace(list);
    this.files.putBack(files);
    this.#loaded = this.files.at(STATE_DIRECTORY);
  }

  #openFiles(clients: () => number): OpenFiles {
    const { id } = this;
    const { options, random, network, watch } = this.#parts;
    return new OpenFiles({
      limit: options.openFiles,
      members: options.machines.length,
      random: random.fork(`files ${id} ${this.#lives}`),
      connections: () => network.streamsWith(id, options.machines) + clients(),
      onExhausted: (what) => {
        watch().violate(OPEN_FILES_SUFFICE, `member ${id} has no file left for ${what}`);
      },
    });
  }

  /** The tables come first, as in the product. */
  #watchOpenFiles(life: Life): void {
    life.process.clock.after(TABLES_CHECK_MS, () => {
      life.server?.limitConnections(life.files.maxClients);
      this.#watchOpenFiles(life);
    });
  }

  /** The log forgets all but `keep` of the entries that the state holds durably. */
  compact(keep: number): void {
    const index = this.store.flushedIndex - keep;
    const { replica } = this;
    if (replica === undefined || index <= this.disk.log.base.index) return;
    try {
      // Two may ask for it before either takes effect.
      this.forgottenTo = Math.max(this.forgottenTo, index);
      replica.compact(index);
      this.#parts.coverage.count('log compacted');
    } catch (error) {
      // It is stopping by itself.
      if (!isRaftError(error, 'REPLICA_STOPPED')) throw error;
    }
  }

  async #run(life: Life, { founding, onDamage }: StartOptions): Promise<void> {
    const { id, disk, store, files } = this;
    const { options, random, rpc, watch, trace, messages, coverage, http } = this.#parts;
    const { process } = life;
    const stream = random.fork(`replica ${id} ${this.#lives}`);
    const log = disk.open(process, onDamage);
    const network = new VirtualRpcNetwork(id, process, rpc, options.machines, life.files);
    await finishReplacing(STATE_DIRECTORY, this.files);
    this.#load();
    const keeper = await openKeeper(options, files, process, () =>
      coverage.count('damage of a kept snapshot noticed'),
    );
    const application = await Application.open({
      options,
      store,
      process,
      files,
      keeper,
      baseAt: (index) => life.replica?.baseAt(index),
      onTaken: (index) => this.#taken(index),
      onRestored: () => coverage.count('state in memory restarted from a snapshot'),
      onInstall: (install) => this.#install(life, install),
      onReplaced: () => this.#load(),
      coverage,
      network,
      addresses: new Map(options.machines.map((other) => [other, addressOf(other)])),
      onEntry: (entry) => {
        trace.record('apply', id, entry.index, entry.term, () => `${entry.index}/${entry.term}`);
        watch().hooks.applied(id, entry);
      },
      onEffect: (index, value, times) => watch().hooks.tookEffect(id, index, value, store, times),
    });
    life.application = application;
    watch().hooks.started(id);
    const snapshots = new MemberSnapshots({
      id,
      members: options.machines,
      process,
      keeper,
      exchange: http,
      coverage,
      options: options.snapshots,
      ...application.exchange,
      address: this.httpAddress,
      watcher: {
        begun: (transfer) => watch().hooks.transferBegun(id, transfer),
        receiving: () => this.#parts.onMoment('receiving', id),
        serving: () => this.#parts.onMoment('serving', id),
        asked: (peer, what) => trace.record('asked for', id, peer, 0, () => `${what} of ${peer}`),
      },
    });
    life.snapshots = snapshots;
    const { leaseReads } = options;
    const replica = await Replica.start({
      id,
      clusterId: CLUSTER_ID,
      ...(founding ? this.#parts.founding() : {}),
      log,
      transport: new VirtualTransport(id, process, messages),
      applier: application,
      snapshots,
      tickMs: options.tickMs,
      raft: raftOptionsOf(options, id),
      ...(leaseReads === undefined ? {} : { leaseReads }),
      clock: {
        ...process.clock,
        // Looked at when it has handed out all that follows from its input, never in between: the
        // application's own work may come first.
        afterInput: (callback) =>
          process.clock.afterInput(() => {
            callback();
            this.#turned(life);
          }),
      },
      random: stream.next,
    });
    life.replica = replica;
    snapshots.serve(replica);
    void replica.stopped.then((error) => {
      if (error !== undefined) this.#stoppedItself(life, error);
    });
    application.serve(replica);
    life.server = await network.listen(addressOf(id), application.handler);
  }

  /** What lies where the state does becomes it, unless it is already. */
  #load(): void {
    const there = this.files.at(STATE_DIRECTORY);
    if (this.#inMemory || there === this.#loaded) return;
    this.#loaded = there;
    if (there instanceof ReceivedRows) this.store.replace(listOfRows(there.rows()));
    else this.store.wipe();
  }

  /** Another state takes the place of the one that is served. */
  async #install(life: Life, install: () => Promise<void>): Promise<void> {
    this.#parts.onMoment('installing', this.id);
    await install();
    if (this.#life !== life) return;
    const { trace, watch, coverage } = this.#parts;
    const { appliedIndex } = this.store;
    coverage.count('snapshot installed');
    trace.record('installed', this.id, appliedIndex, 0, () => `${appliedIndex}`);
    watch().hooks.installed(this.id, appliedIndex);
  }

  /** The state is taken hold of, to be written to a file. */
  #taken(index: number): void {
    const { coverage, trace, watch } = this.#parts;
    coverage.count('snapshot made');
    this.#parts.onMoment('making', this.id);
    trace.record('snapshot taken', this.id, index, 0, () => `${index}`);
    watch().hooks.snapshotTaken(this.id, index);
  }

  #turned(life: Life): void {
    if (life.stopping || this.#life !== life) return;
    const now = life.replica?.status();
    if (now === undefined) return;
    const before = life.status;
    life.status = now;
    this.#parts.watch().hooks.turned(this.id, now, before);
    if (before?.role !== now.role || before.term !== now.term) {
      this.#parts.onRole(this.id, now, before);
    }
    if (now.role !== 'leader' || before === undefined) return;
    const joint = isJoint(now.membership.configuration);
    if (joint === isJoint(before.membership.configuration)) return;
    this.#parts.onMoment(joint ? 'joint' : 'joint-left', this.id);
  }

  #stoppedItself(life: Life, cause: unknown): void {
    if (this.#life !== life) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#parts.trace.record('stopped itself', this.id, 0, 0, () => error.message);
    this.end();
    this.#parts.onStopped(this.id, error);
  }

  /** The process ends without a word: what was under way on its disk is lost, or in part. */
  end(): ReturnType<VirtualDisk['crash']> {
    this.#life?.process.end();
    this.#life = undefined;
    const { messages, rpc, network } = this.#parts;
    messages.listen(this.id, undefined);
    rpc.lost(this.id);
    network.lost(this.id);
    this.files.crash();
    if (this.#inMemory) this.store.forget();
    return this.disk.crash();
  }

  /** Stops in good order, having handed over the lead or not; `stopped` is called once it has. */
  stop(handsOver: boolean, stopped: () => void): void {
    const life = this.#life;
    if (life?.replica === undefined || life.leaving || life.process.paused) return;
    life.leaving = true;
    const { replica, server, application, snapshots } = life;
    const closed = async () => {
      if (handsOver) await this.#handOver(replica);
      if (this.#life !== life) return;
      life.stopping = true;
      this.#parts.trace.record('stopping', this.id, 0, 0);
      await server?.close();
      await replica.stop();
      await snapshots?.close();
      await application?.close();
      if (this.#life !== life) return;
      this.flush();
      this.end();
      this.#parts.trace.record('stopped', this.id, 0, 0);
      stopped();
    };
    closed().catch((error: unknown) => this.#stoppedItself(life, error));
  }

  async #handOver(replica: Replica): Promise<void> {
    try {
      if (await replica.handOver()) this.#parts.coverage.count('lead handed over before a stop');
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
    }
  }
}
