import { TABLES_CHECK_MS } from 'inode-app/store';
import { type MemberId, RaftError, Replica, type ReplicaStatus } from 'raft-ts';
import { isJoint } from 'raft-ts/core';
import { addressOf, CLUSTER_ID } from '../addresses.js';
import type { VirtualDisk } from '../disk/virtual-disk.js';
import type { VirtualFiles } from '../disk/virtual-files.js';
import type { MachineClock } from '../machine-clock.js';
import { raftOptionsOf } from '../options.js';
import { VirtualProcess } from '../process.js';
import { VirtualRpcNetwork, type VirtualRpcServer } from '../wire/rpc.js';
import { VirtualTransport } from '../wire/transport.js';
import { Application } from './application.js';
import type { ListStore } from './list-store.js';
import type { MemberParts } from './member-parts.js';
import { OpenFiles } from './open-files.js';
import { MemberSnapshots, openKeeper, type SnapshotWatcher } from './snapshots.js';

/**
 * With what the product keeps of them, the files that a process may open are enough for its tables and
 * the connections that it accepts, whoever knocks.
 */
const OPEN_FILES_SUFFICE = 'open-files-suffice';

/** How a member is started. */
export interface StartOptions {
  /** It is told who founds the cluster, as on its first start. */
  readonly founding: boolean;
  /** What to do about a damaged log. */
  readonly onDamage: 'fail' | 'rebuild';
}

/** What a process finds on the machine on which it runs. */
export interface Machine {
  readonly id: MemberId;
  readonly disk: VirtualDisk;
  readonly files: VirtualFiles;
  readonly store: ListStore;
  readonly clock: MachineClock;
  /** Where others get its state. */
  readonly httpAddress: string;
  /** A state that was being put in the place of another one is there whole. */
  finishReplacing(): Promise<void>;
  /** What lies where the state does becomes it, unless it is already. */
  load(): void;
  /** What a state on the disk holds now survives a crash. */
  flush(): void;
  /** Makes the state durable, and lets the log forget what it holds. */
  keepHouse(): void;
}

/** One life of a member, from a start to a crash or stop. */
export class Life {
  readonly process: VirtualProcess;
  readonly #machine: Machine;
  readonly #parts: MemberParts;
  readonly #number: number;
  /** Called when it ends by itself, with what it died of, or undefined when it was told to stop. */
  readonly #ended: (error: Error | undefined) => void;
  readonly #files: OpenFiles;
  #replica: Replica | undefined;
  #server: VirtualRpcServer | undefined;
  #application: Application | undefined;
  #snapshots: MemberSnapshots | undefined;
  #status: ReplicaStatus | undefined;
  /** It has been told to stop, and may hand over the lead before. */
  #leaving = false;
  #stopping = false;
  #over = false;

  constructor(
    machine: Machine,
    number: number,
    parts: MemberParts,
    ended: (error: Error | undefined) => void,
  ) {
    this.#machine = machine;
    this.#number = number;
    this.#parts = parts;
    this.#ended = ended;
    const { options, random, network, watch, time } = parts;
    const { id, clock } = machine;
    this.process = new VirtualProcess(`member ${id}`, time, clock);
    this.#files = new OpenFiles({
      limit: options.openFiles,
      members: options.machines.length,
      random: random.fork(`files ${id} ${number}`),
      connections: () =>
        network.streamsWith(id, options.machines) + (this.#server?.connections ?? 0),
      onExhausted: (what) => {
        watch().violate(OPEN_FILES_SUFFICE, `member ${id} has no file left for ${what}`);
      },
    });
  }

  /** As of its last turn. */
  get status(): ReplicaStatus | undefined {
    return this.#status;
  }

  get intentsLeft(): number {
    return this.#application?.intentsLeft ?? 0;
  }

  /** Where clients come to. */
  get server(): VirtualRpcServer | undefined {
    return this.#server;
  }

  /** While it runs, and is not about to stop. */
  get replica(): Replica | undefined {
    return this.#stopping ? undefined : this.#replica;
  }

  start(how: StartOptions): void {
    this.#run(how).catch((error: unknown) => this.#died(error));
    this.#keepHouse();
    this.#watchOpenFiles();
  }

  /** The process ends without a word. */
  end(): void {
    this.#over = true;
    this.process.end();
  }

  /** Stops in good order, having handed over the lead or not; `stopped` is called once it has. */
  stop(handsOver: boolean, stopped: () => void): void {
    const replica = this.#replica;
    if (replica === undefined || this.#leaving || this.process.paused) return;
    this.#leaving = true;
    this.#close(replica, handsOver, stopped).catch((error: unknown) => this.#died(error));
  }

  async #close(replica: Replica, handsOver: boolean, stopped: () => void): Promise<void> {
    const { id } = this.#machine;
    const { trace } = this.#parts;
    if (handsOver) await this.#handOver(replica);
    if (this.#over) return;
    this.#stopping = true;
    trace.record('stopping', id, 0, 0);
    await this.#server?.close();
    await replica.stop();
    await this.#snapshots?.close();
    await this.#application?.close();
    if (this.#over) return;
    this.#machine.flush();
    this.#ended(undefined);
    trace.record('stopped', id, 0, 0);
    stopped();
  }

  async #handOver(replica: Replica): Promise<void> {
    try {
      if (await replica.handOver()) this.#parts.coverage.count('lead handed over before a stop');
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
    }
  }

  #keepHouse(): void {
    const { random, options } = this.#parts;
    const stream = random.fork(`flush ${this.#machine.id} ${this.#number}`);
    this.process.clock.after(stream.exponential(options.flushMs), () => {
      this.#machine.keepHouse();
      this.#files.flush();
      this.#keepHouse();
    });
  }

  /** The tables come first, as in the product. */
  #watchOpenFiles(): void {
    this.process.clock.after(TABLES_CHECK_MS, () => {
      this.#server?.limitConnections(this.#files.maxClients);
      this.#watchOpenFiles();
    });
  }

  async #run({ founding, onDamage }: StartOptions): Promise<void> {
    const { process } = this;
    const { id, disk } = this.#machine;
    const { options, random, rpc, messages, trace } = this.#parts;
    const stream = random.fork(`replica ${id} ${this.#number}`);
    const log = disk.open(process, onDamage);
    const network = new VirtualRpcNetwork(id, process, rpc, options.machines, this.#files);
    await this.#machine.finishReplacing();
    this.#machine.load();
    const { application, snapshots } = await this.#openState(network);
    const { leaseReads } = options;
    const replica = await Replica.start({
      id,
      clusterId: CLUSTER_ID,
      ...(founding ? this.#parts.founding() : {}),
      log,
      transport: new VirtualTransport(id, process, messages),
      applier: application,
      snapshots,
      snapshotAddress: this.#machine.httpAddress,
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
            this.#turned();
          }),
      },
      random: stream.next,
      onEvent: ({ type, from, error }) => trace.record(type, id, from, 0, () => error.message),
    });
    this.#replica = replica;
    snapshots.serve(replica);
    void replica.stopped.then((error) => {
      if (error !== undefined) this.#died(error);
    });
    application.serve(replica);
    this.#server = await network.listen(addressOf(id), application.handler);
  }

  async #openState(
    network: VirtualRpcNetwork,
  ): Promise<{ readonly application: Application; readonly snapshots: MemberSnapshots }> {
    const { process } = this;
    const { id, store, files } = this.#machine;
    const { options, watch, trace, coverage, http, random, mounts } = this.#parts;
    const keeper = await openKeeper(options, files, process, () =>
      coverage.count('damage of a kept snapshot noticed'),
    );
    const application = await Application.open({
      options,
      store,
      process,
      files,
      keeper,
      baseAt: (index) => this.#replica?.baseAt(index),
      onTaken: (index) => this.#taken(index),
      onRestored: () => coverage.count('state in memory restarted from a snapshot'),
      onInstall: (install) => this.#install(install),
      onReplaced: () => this.#machine.load(),
      coverage,
      random: random.fork(`application ${id} ${this.#number}`),
      driver: mounts()?.driver(id, process),
      network,
      addresses: new Map(options.machines.map((other) => [other, addressOf(other)])),
      onEntry: (entry) => {
        trace.record('apply', id, entry.index, entry.term, () => `${entry.index}/${entry.term}`);
        watch().hooks.applied(id, entry);
      },
      onEffect: (index, value, times) => watch().hooks.tookEffect(id, index, value, store, times),
    });
    this.#application = application;
    watch().hooks.started(id);
    const snapshots = new MemberSnapshots({
      id,
      members: options.machines,
      namesEndpoints: options.namesEndpoints,
      process,
      keeper,
      exchange: http,
      coverage,
      options: options.snapshots,
      ...application.exchange,
      address: this.#machine.httpAddress,
      watcher: this.#ofThisLife({
        begun: (transfer) => watch().hooks.transferBegun(id, transfer),
        receiving: () => this.#parts.onMoment('receiving', id),
        serving: () => this.#parts.onMoment('serving', id),
        asked: (peer, what) => trace.record('asked for', id, peer, 0, () => `${what} of ${peer}`),
      }),
    });
    this.#snapshots = snapshots;
    return { application, snapshots };
  }

  /** What is still carried out when the process has ended happens to nobody. */
  #ofThisLife(watcher: SnapshotWatcher): SnapshotWatcher {
    const unlessOver =
      <T extends unknown[]>(tell: (...what: T) => void) =>
      (...what: T) => {
        if (!this.#over) tell(...what);
      };
    return {
      begun: unlessOver(watcher.begun),
      receiving: unlessOver(watcher.receiving),
      serving: unlessOver(watcher.serving),
      asked: unlessOver(watcher.asked),
    };
  }

  /** Another state takes the place of the one that is served. */
  async #install(install: () => Promise<void>): Promise<void> {
    const { id, store } = this.#machine;
    this.#parts.onMoment('installing', id);
    await install();
    if (this.#over) return;
    const { trace, watch, coverage } = this.#parts;
    const { appliedIndex } = store;
    coverage.count('snapshot installed');
    trace.record('installed', id, appliedIndex, 0, () => `${appliedIndex}`);
    watch().hooks.installed(id, appliedIndex);
  }

  /** The state is taken hold of, to be written to a file. */
  #taken(index: number): void {
    const { id } = this.#machine;
    const { coverage, trace, watch } = this.#parts;
    coverage.count('snapshot made');
    this.#parts.onMoment('making', id);
    trace.record('snapshot taken', id, index, 0, () => `${index}`);
    watch().hooks.snapshotTaken(id, index);
  }

  #turned(): void {
    if (this.#stopping || this.#over) return;
    const now = this.#replica?.status();
    if (now === undefined) return;
    const { id } = this.#machine;
    const before = this.#status;
    this.#status = now;
    this.#parts.watch().hooks.turned(id, now, before);
    if (before?.role !== now.role || before.term !== now.term) {
      this.#parts.onRole(id, now, before);
    }
    if (now.role !== 'leader' || before === undefined) return;
    const joint = isJoint(now.membership.configuration);
    if (joint === isJoint(before.membership.configuration)) return;
    this.#parts.onMoment(joint ? 'joint' : 'joint-left', id);
  }

  #died(cause: unknown): void {
    if (this.#over) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#parts.trace.record('stopped itself', this.#machine.id, 0, 0, () => error.message);
    this.#ended(error);
  }
}
