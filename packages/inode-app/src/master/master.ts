import { observe, openFileLimit, systemClock, TcpRpcNetwork } from '@raft-ts/net';
import { announceEndpoints, pausedHandler, ReplicatedClient } from '@raft-ts/statemachine';
import { isRestoredClusterId, type Replica, type ReplicaStatus } from 'raft-ts';
import { displayMessage } from '../display-names.js';
import { type ClientDoor, openClientDoor } from '../doors/rpc/client-door.js';
import { argumentInvalid, InodeAppError } from '../errors.js';
import { CLIENT_CONNECTIONS, TABLES_CHECK_MS } from '../store/kept-files.js';
import { watchClocks } from './clock-watch.js';
import { profilesFault } from './credentials-profiles.js';
import { mebibytes } from './disk/disk-limits.js';
import { handOverWhenLow } from './disk/hand-over-when-low.js';
import { WaitForRoom } from './disk/wait-for-room.js';
import { foreignClusterText } from './foreign-cluster.js';
import { type KnownCluster, knownCluster } from './known-cluster.js';
import { type ListenAddresses, listenAddresses } from './listen-addresses.js';
import { boundedLines, type LogLine } from './log-lines.js';
import {
  completeMasterOptions,
  type FoundDamage,
  type MasterDisk,
  type MasterOptions,
  type Reopening,
  realDisk,
} from './master-options.js';
import { MemberRun, type RunEnd } from './member-run.js';
import {
  addressesText,
  endpointsOf,
  type MemberAddresses,
  memberAmong,
  memberName,
} from './members.js';
import * as memory from './memory-limits.js';
import { networkEventText } from './network-event.js';
import { checkOpenFiles, type OpenFiles, shareOpenFiles, watchOpenFiles } from './open-files.js';
import { startError, step } from './start-error.js';
import { type TakingPart, takingPart } from './taking-part.js';
import { removeSnapshots } from './tree-state.js';

const NO_HTTP =
  'has no HTTP address: it gives no other member its tree and takes none, and its log is not cut unless ' +
  '--log-limit says so; give it one as the third part of its addresses';

/**
 * One member of a metadata cluster: log and tree in `directory`, the other members and clients
 * on the network. It runs until `stop`, or until something is wrong that it must not go on with.
 *
 * When its disk is full, or what lies there is found damaged, it closes log and tree, tells clients
 * so, and opens them anew once there is room: what it acknowledged is checked then as after any other
 * start, and what is damaged is kept aside and begins anew.
 */
export class Master implements AsyncDisposable {
  /**
   * Resolves when it has stopped: with what stopped it; after `stop()` with undefined, or with
   * what could not be closed.
   */
  readonly stopped: Promise<InodeAppError | undefined>;
  readonly #options: MasterOptions;
  readonly #known: KnownCluster;
  readonly #disk: MasterDisk;
  readonly #door: ClientDoor;
  /** Where it listens for the others. */
  readonly #at: ListenAddresses;
  readonly #log: LogLine;
  readonly #logConnection: LogLine;
  readonly #stopping = new AbortController();
  #replica: Replica;

  private constructor(
    options: MasterOptions,
    known: KnownCluster,
    disk: MasterDisk,
    door: ClientDoor,
    at: ListenAddresses,
    logConnection: LogLine,
    files: OpenFiles,
    first: TakingPart,
  ) {
    this.#options = options;
    this.#known = known;
    this.#disk = disk;
    this.#door = door;
    this.#at = at;
    this.#log = options.log ?? (() => {});
    this.#logConnection = logConnection;
    this.#replica = first.replica;
    this.stopped = this.#live(first, files);
  }

  /**
   * Starts to take part and to listen for clients; a leader may not be elected yet. Rejects with
   * ARGUMENT_INVALID, ADDRESS_UNUSABLE, DATA_UNWRITABLE, DATA_FOREIGN (another member's, or
   * something else), DATA_LOCKED (a running process has it), DATA_CORRUPT, DISK_FULL,
   * OPEN_FILES_TOO_FEW or MEMBER_FAILED; nothing is held then.
   */
  static async start(given: MasterOptions, ownDisk?: MasterDisk): Promise<Master> {
    const checked = completeMasterOptions(given);
    const log = (line: string) => observe(checked.log, line);
    const options = { ...checked, log };
    const disk = ownDisk ?? realDisk(options);
    const logConnection = boundedLines(log, () => performance.now());
    const { id, directory, members, advertise } = options;
    if (members.length > 0 && advertise === undefined) memberAmong(members, id);
    const files = await shareOpenFiles(openFileLimit(), directory, members.length);
    checkOpenFiles(files, members.length);
    const run = await MemberRun.open(options, disk, new AbortController().signal);
    let door: ClientDoor | undefined;
    try {
      checkBeginning(options, run);
      const known = knownCluster(options, run.membership);
      const at = await listenAddresses({ ...options, members: known.members }, log);
      door = await step(
        { kind: 'client address', name: at.clientAddress },
        openClientDoor(at.clientAddress, run.handler, {
          maxConnections: files.maxClients,
          ...CLIENT_CONNECTIONS,
          reservedNames: known.members.map(({ id }) => memberName(options.clusterId, id)),
          maxIncompleteBytes: memory.CLIENT_INCOMPLETE_BYTES,
          maxInflightBytes: memory.CLIENT_INFLIGHT_BYTES,
          maxUntakenBytes: memory.CLIENT_UNTAKEN_BYTES,
          onEvent: (event) => logConnection(networkEventText('client', event)),
        }),
      );
      const openAgain = async (damage: FoundDamage) => {
        const { signal } = new AbortController();
        const anew = await MemberRun.open(options, disk, signal, { damage });
        if (door !== undefined) door.handler = anew.handler;
        return anew;
      };
      const first = await takingPart(run, openAgain, (each) =>
        each.takePart(at, log, logConnection),
      );
      if (at.httpAddress === undefined) log(NO_HTTP);
      const { profiles } = options;
      const fault = profiles === undefined ? undefined : await profilesFault(profiles);
      if (fault !== undefined) log(displayMessage(fault));
      return new Master(options, known, disk, door, at, logConnection, files, first);
    } catch (error) {
      await door?.close();
      await run.abandon();
      throw error;
    }
  }

  /** Where others and clients reach it. */
  get addresses(): MemberAddresses {
    return this.#known.own;
  }

  /** Of its replica, also of one that has stopped. */
  status(): ReplicaStatus {
    return this.#replica.status();
  }

  /**
   * Hands over the lead, if it has it and another member can take it, within an election timeout.
   * Then stops taking part, answers what waits, closes everything. Safe to call twice.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // Whoever leads then, or nobody: this member goes.
    await this.#replica.handOver().catch(() => {});
    await this.#replica.stop();
    await this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #live(first: TakingPart, files: OpenFiles): Promise<InodeAppError | undefined> {
    const ended = new AbortController();
    const watching = Promise.all([
      this.#watchClocks(ended.signal),
      this.#watchOpenFiles(files, ended.signal),
    ]);
    try {
      return await this.#runs(first);
    } catch (error) {
      return startError(error, { kind: 'data', name: this.#options.directory });
    } finally {
      ended.abort();
      await watching;
      await this.#door.close();
    }
  }

  #watchClocks(signal: AbortSignal): Promise<void> {
    const { id } = this.#options;
    const network = this.#network();
    const members = () => this.#members();
    return watchClocks({ id, members, network, clock: systemClock, log: this.#log, signal });
  }

  /** The others keep room for it, however many clients knock. */
  #network(): TcpRpcNetwork {
    const { id, clusterId } = this.#options;
    return new TcpRpcNetwork({ name: memberName(clusterId, id) });
  }

  /** Tells the cluster where this member is reached, if it was elsewhere before. */
  async #announce(signal: AbortSignal): Promise<void> {
    const { own, members } = this.#known;
    const given = this.#options.members.filter(({ id }) => id !== own.id);
    const { id, clientAddress } = own;
    const known = [...members, ...given].map((each) => each.clientAddress);
    const addresses = [...new Set([...known, ...(this.#options.join ?? [])])];
    await using client = new ReplicatedClient({ addresses, network: this.#network() });
    const { clusterId } = this.#options;
    const hadTo = await announceEndpoints({
      id,
      clusterId,
      endpoints: endpointsOf(own),
      client,
      clock: systemClock,
      onForeignCluster: (otherId) => {
        const others = addresses.filter((address) => address !== clientAddress);
        this.#log(displayMessage(foreignClusterText(others, otherId, clusterId)));
      },
      signal,
    });
    if (hadTo) this.#log(`has told the cluster that it is reached at ${addressesText(own)}`);
  }

  /** Who takes part now, and where. */
  #members(): readonly MemberAddresses[] {
    const given = { ...this.#options, advertise: this.#known.own };
    return knownCluster(given, this.#replica.membership).members;
  }

  /** For those who take part now, at the clients' port; returns for how many. */
  #keepPlaces(): number {
    const members = this.#members();
    this.#door.reserveFor(members.map(({ id }) => memberName(this.#options.clusterId, id)));
    return members.length;
  }

  #watchOpenFiles(now: OpenFiles, signal: AbortSignal): Promise<void> {
    return watchOpenFiles({
      directory: this.#options.directory,
      members: () => this.#keepPlaces(),
      now,
      limitClients: (maxClients) => this.#door.limitConnections(maxClients),
      log: this.#log,
      checkMs: TABLES_CHECK_MS,
      signal,
    });
  }

  /** Run after run, until one ends otherwise than for want of room or by damage. */
  async #runs(first: TakingPart): Promise<InodeAppError | undefined> {
    const { signal } = this.#stopping;
    const waiting = new WaitForRoom(this.#disk.limits, () => this.#freeBytes());
    let now: TakingPart = first;
    for (;;) {
      const beganMs = performance.now();
      const end = await this.#runToEnd(now);
      if (signal.aborted || end.error === undefined) return end.error;
      if (!lacksRoom(end.error) && end.damage === undefined) return end.error;
      waiting.tookPart(performance.now() - beganMs);
      const next = await this.#openAgain(end.error, end, waiting);
      if (next === undefined) return undefined;
      now = next;
    }
  }

  async #runToEnd({ run, replica }: TakingPart): Promise<RunEnd> {
    const ended = new AbortController();
    const watching = handOverWhenLow({
      replica,
      limits: this.#disk.limits,
      freeBytes: () => this.#freeBytes(),
      log: this.#log,
      signal: ended.signal,
    }).catch((error: unknown) =>
      this.#log(displayMessage(`what is free on the disk can't be read: ${error}`)),
    );
    const announcing = this.#announce(ended.signal);
    const end = await run.ended(replica);
    ended.abort();
    await Promise.all([watching, announcing]);
    return end;
  }

  /**
   * Takes part again once there is room. Undefined once it was told to stop. Clients are told meanwhile
   * why it does not take part.
   */
  async #openAgain(
    error: InodeAppError,
    { damage, status }: RunEnd,
    waiting: WaitForRoom,
  ): Promise<TakingPart | undefined> {
    const { signal } = this.#stopping;
    const { resumeFreeBytes } = this.#disk.limits;
    let failure = error;
    for (;;) {
      const diskFull = failure.code === 'DISK_FULL';
      const what = lacksRoom(failure) ? 'waits until there is room' : 'begins anew';
      this.#log(`${failure.message}; ${what}`);
      let freeBytes = 0;
      // What can't be removed now is in nobody's way but the log's, which waits for room.
      if (diskFull) await removeSnapshots(this.#options.directory).catch(() => {});
      this.#door.handler = pausedHandler(() => ({
        ...status,
        stopped: true,
        diskFull,
        wallMs: systemClock.wallMs(),
        stoppedBy: lacksRoom(failure)
          ? lackText(failure, freeBytes, resumeFreeBytes)
          : `its ${damage?.part ?? 'data'} is damaged, and begins anew soon`,
      }));
      const look = (free: number) => {
        freeBytes = free;
      };
      if (!(await waiting.untilRoom(look, signal))) return undefined;
      if (lacksRoom(failure)) this.#log('there may be room again: takes part');
      try {
        return await this.#takePartAgain({ damage });
      } catch (caught) {
        if (signal.aborted) return undefined;
        if (!(caught instanceof InodeAppError) || !lacksRoom(caught)) throw caught;
        failure = caught;
      }
    }
  }

  #freeBytes(): Promise<number> {
    return this.#disk.freeBytes(this.#options.directory);
  }

  async #takePartAgain(reopening: Reopening): Promise<TakingPart> {
    const { signal } = this.#stopping;
    const open = async (each: Reopening) => {
      const run = await MemberRun.open(this.#options, this.#disk, signal, each);
      this.#door.handler = run.handler;
      return run;
    };
    const now = await takingPart(
      await open(reopening),
      (damage) => open({ damage }),
      (run) => run.takePart(this.#at, this.#log, this.#logConnection),
    );
    this.#replica = now.replica;
    if (signal.aborted) await now.replica.stop();
    return now;
  }
}

/** A member that lacks room steps aside, and takes part again once there is some. */
function lacksRoom({ code }: InodeAppError): boolean {
  return code === 'DISK_FULL' || code === 'OPEN_FILES_TOO_FEW';
}

/** Why a member does not take part, for clients and operators. */
function lackText({ code }: InodeAppError, free: number, resumeFreeBytes: number): string {
  if (code !== 'DISK_FULL') return 'it could open no more files, and tries again soon';
  if (free >= resumeFreeBytes) return 'its disk was full, and it takes part again soon';
  const [are, needed] = [free, resumeFreeBytes].map(mebibytes);
  return `its disk is full: ${are} are free, and it takes part again by itself once ${needed} are`;
}

/** A member that holds nothing founds a cluster, or comes to one. Throws ARGUMENT_INVALID for neither. */
function checkBeginning(options: MasterOptions, run: MemberRun): void {
  const { members, join, rejoin, directory, clusterId } = options;
  if (!run.isNew || join !== undefined || rejoin === true) return;
  if (isRestoredClusterId(clusterId)) {
    throw argumentInvalid(
      `${displayMessage(directory)} holds nothing, and ${displayMessage(clusterId)} is founded with a backup: ` +
        'make its directory with restore, or come to it with --join, or --rejoin where its data has gone',
    );
  }
  if (members.length > 0) return;
  throw argumentInvalid(
    `${displayMessage(directory)} holds nothing yet: say who founds the cluster with --members, or ` +
      'which cluster to come to with --join',
  );
}
