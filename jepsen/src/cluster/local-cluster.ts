import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { JepsenError } from '../errors.js';
import type { Random } from '../random.js';
import type { Cluster, MemberEnd, Surroundings } from './cluster.js';
import type { Database, MemberRole } from './database.js';
import type { DiskKind, MemberDisks } from './disk/member-disk.js';
import { openDisks } from './disk/open-disks.js';
import { clearLeftovers, killAll, MachineRecord } from './leftovers.js';
import { lastLines } from './log-tail.js';
import type { MemberPlace } from './member.js';
import { MemberProcess } from './member-process.js';
import type { Network } from './network/network.js';
import { openNetwork } from './network/open-network.js';

const MAX_MEMBERS = 99;
const MAX_ENDS = 10_000;
const SERVING_POLL_MS = 50;
const SERVING_ANSWER_MS = 5_000;
const DEFAULT_START_TIMEOUT_MS = 60_000;
const DEFAULT_STOP_TIMEOUT_MS = 30_000;
const DEFAULT_DISK_BYTES = 256 * 1024 * 1024;

export interface LocalClusterOptions {
  readonly database: Database;
  /** How many, from 1 to 99. */
  readonly members: number;
  /** Made where it is not there. Each member has `<name>/data` and `<name>.log` in it. */
  readonly directory: string;
  /** Draws what the network draws: jitter and retransmissions. */
  readonly random: Random;
  /** `proxies` by default. */
  readonly network?: Network['kind'];
  /** `directories` by default. */
  readonly disks?: DiskKind;
  /** Of each member's file system, where disks are not plain directories: 256 MiB by default. */
  readonly diskBytes?: number;
  /** Until a member serves: 60,000 by default. */
  readonly startTimeoutMs?: number;
  /** Until a member has ended by SIGTERM: 30,000 by default. */
  readonly stopTimeoutMs?: number;
  /** Called when a member's process has ended, whoever wanted it. */
  readonly onEnd?: (end: MemberEnd) => void;
  /** Called with what clusters of dead programs had left and is cleared away, a line each. */
  readonly onCleared?: (line: string) => void;
}

interface Member {
  readonly place: MemberPlace;
  surroundings: Surroundings;
  starts: number;
  /** Where in its log the latest start begins. */
  logByte: number;
  process: MemberProcess | undefined;
}

interface Parts {
  readonly record: MachineRecord;
  readonly members: ReadonlyMap<number, Member>;
  readonly network: Network;
  readonly disks: MemberDisks;
  readonly scratchDirectory: string;
}

/** Members as processes of this machine. None runs until it is started. */
export class LocalCluster implements Cluster {
  readonly database: Database;
  readonly members: readonly MemberPlace[];
  readonly network: Network;
  readonly disks: MemberDisks;
  readonly scratchDirectory: string;
  readonly #options: LocalClusterOptions;
  readonly #record: MachineRecord;
  readonly #members: ReadonlyMap<number, Member>;
  readonly #ends: MemberEnd[] = [];
  #isDisposed = false;

  private constructor(options: LocalClusterOptions, parts: Parts) {
    this.database = options.database;
    this.members = [...parts.members.values()].map(({ place }) => place);
    this.network = parts.network;
    this.disks = parts.disks;
    this.scratchDirectory = parts.scratchDirectory;
    this.#options = options;
    this.#record = parts.record;
    this.#members = parts.members;
  }

  /** Clears away what dead programs left, places the members and sets the database up. Rejects with CLUSTER_FAILED. */
  static async open(options: LocalClusterOptions, signal: AbortSignal): Promise<LocalCluster> {
    if (!(options.members >= 1 && options.members <= MAX_MEMBERS)) {
      throw new JepsenError('OPTIONS_INVALID', `a cluster has 1 to ${MAX_MEMBERS} members`);
    }
    for (const line of await clearLeftovers()) options.onCleared?.(line);
    signal.throwIfAborted();
    const record = new MachineRecord();
    const opened: AsyncDisposable[] = [];
    try {
      const parts = await openParts(options, record, opened);
      const cluster = new LocalCluster(options, parts);
      opened.push(cluster);
      await options.database.setUp?.(cluster.members, signal);
      return cluster;
    } catch (error) {
      const last = opened.at(-1);
      if (last instanceof LocalCluster) await last[Symbol.asyncDispose]();
      else await dispose(opened, record);
      throw error;
    }
  }

  get ends(): readonly MemberEnd[] {
    return this.#ends;
  }

  isRunning(id: number): boolean {
    return this.#member(id).process !== undefined;
  }

  processId(id: number): number | undefined {
    return this.#member(id).process?.id;
  }

  async start(id: number, signal: AbortSignal): Promise<void> {
    this.launch(id);
    const member = this.#member(id);
    const { process } = member;
    const timeoutMs = this.#options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS;
    const deadlineMs = performance.now() + timeoutMs;
    while (performance.now() < deadlineMs) {
      signal.throwIfAborted();
      if (process === undefined || member.process !== process) {
        throw failedStart(member, `it ended: ${describeEnd(await process?.ended)}`);
      }
      if (await this.#isServing(member, deadlineMs - performance.now(), signal)) return;
      await pause(SERVING_POLL_MS, undefined, { signal });
    }
    throw failedStart(member, `it does not serve after ${timeoutMs} ms`);
  }

  launch(id: number): void {
    const member = this.#member(id);
    if (member.process !== undefined) return;
    if (this.#isDisposed) {
      throw new JepsenError('CLUSTER_FAILED', 'the cluster is torn down: nothing starts any more');
    }
    const { place, surroundings } = member;
    member.starts++;
    member.logByte = statSync(place.logFile).size;
    const process = new MemberProcess({
      cluster: this.#record.cluster,
      place,
      start: member.starts,
      command: this.database.command(place, this.members),
      surroundings,
      enter: this.network.enter(id),
    });
    member.process = process;
    void process.ended.then((end) => {
      member.process = undefined;
      this.#ends.push(end);
      if (this.#ends.length > MAX_ENDS) this.#ends.shift();
      this.#options.onEnd?.(end);
    });
  }

  async kill(id: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { place, process } = this.#member(id);
    if (process === undefined) return;
    if (signal === 'SIGKILL') {
      process.kill();
      await process.ended;
      return;
    }
    process.terminate();
    const timeoutMs = this.#options.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS;
    if (await endsWithin(process, timeoutMs)) return;
    process.isOverdue = true;
    process.kill();
    await process.ended;
    const text = `${place.name} did not end within ${timeoutMs} ms of SIGTERM, and was killed`;
    throw new JepsenError('CLUSTER_FAILED', text);
  }

  pause(id: number): void {
    this.#member(id).process?.pause();
  }

  resume(id: number): void {
    this.#member(id).process?.resume();
  }

  async cutPower(id: number): Promise<void> {
    // It does not see its disk fail, as nobody sees the power fail.
    this.pause(id);
    await this.disks.losePower(id, () => this.kill(id, 'SIGKILL'));
  }

  surround(id: number, surroundings: Partial<Surroundings>): void {
    const member = this.#member(id);
    member.surroundings = { ...member.surroundings, ...surroundings };
  }

  async roles(signal: AbortSignal): Promise<ReadonlyMap<number, MemberRole>> {
    const known = await this.database.roles?.(this.members, signal);
    return new Map(
      this.members.map(({ id }) => [
        id,
        this.isRunning(id) ? (known?.get(id) ?? 'silent') : 'silent',
      ]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const processes = [...this.#members.values()].map(({ process }) => process);
    for (const process of processes) process?.kill();
    await Promise.all(processes.map((process) => process?.ended));
    await killAll(this.#record.cluster);
    await dispose([scratch(this.scratchDirectory), this.network, this.disks], this.#record);
  }

  #member(id: number): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new JepsenError('OPTIONS_INVALID', `no member ${id}`);
    return member;
  }

  /** Ends with the process, the time and the signal, whatever the database does. */
  async #isServing(member: Member, leftMs: number, signal: AbortSignal): Promise<boolean> {
    const answer = new AbortController();
    const abort = (): void => answer.abort(signal.reason);
    signal.addEventListener('abort', abort);
    const timer = setTimeout(() => answer.abort(), Math.min(leftMs, SERVING_ANSWER_MS));
    const isOver = new Promise<false>((resolve) => {
      answer.signal.addEventListener('abort', () => resolve(false));
      void member.process?.ended.then(() => resolve(false));
    });
    // It is asked again, whatever it says against it.
    const asked = this.database.isServing(member.place, answer.signal).catch(() => false);
    try {
      return (await Promise.race([asked, isOver])) && member.process !== undefined;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      answer.abort();
    }
  }
}

async function openParts(
  options: LocalClusterOptions,
  record: MachineRecord,
  opened: AsyncDisposable[],
): Promise<Parts> {
  const { database, network: networkKind = 'proxies', disks: diskKind = 'directories' } = options;
  const directory = resolve(options.directory);
  const scratchDirectory = join(tmpdir(), `jepsen-${record.cluster}`);
  record.add('directories', scratchDirectory);
  opened.push(scratch(scratchDirectory));
  mkdirSync(scratchDirectory);
  mkdirSync(directory, { recursive: true });

  const members = new Map<number, Member>();
  const ids = Array.from({ length: options.members }, (_, index) => index + 1);
  const network = await openNetwork(
    networkKind,
    {
      members: ids.map((id) => ({ id, ports: database.ports })),
      random: options.random.fork(),
      processesOf: (id) => members.get(id)?.process?.processes() ?? [],
      isRunning: (id) => members.get(id)?.process !== undefined,
    },
    record,
  );
  opened.push(network);
  const mountPoints = new Map(ids.map((id) => [id, join(directory, `n${id}`)]));
  const bytes = options.diskBytes ?? DEFAULT_DISK_BYTES;
  const diskOptions = { mountPoints, bytes, scratchDirectory, record };
  const { disks, directoryOf } = await openDisks(diskKind, diskOptions);
  opened.push(disks);
  for (const [id, path] of mountPoints) {
    const address = network.addresses.get(id);
    if (address === undefined) throw new JepsenError('CLUSTER_FAILED', `n${id} has no address`);
    const logFile = `${path}.log`;
    writeFileSync(logFile, '', { flag: 'a' });
    members.set(id, {
      place: { id, name: `n${id}`, ...address, directory: directoryOf(id), logFile },
      surroundings: { prefix: [], environment: {} },
      starts: 0,
      logByte: 0,
      process: undefined,
    });
  }
  return { record, members, network, disks, scratchDirectory };
}

function scratch(directory: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The last first, each whatever became of the others. What can't be taken away stays on record. */
async function dispose(opened: readonly AsyncDisposable[], record: MachineRecord): Promise<void> {
  const problems: string[] = [];
  for (const resource of [...opened].reverse()) {
    try {
      await resource[Symbol.asyncDispose]();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw new JepsenError('CLUSTER_FAILED', problems.join('; '));
  record.delete();
}

async function endsWithin(process: MemberProcess, timeoutMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const late = pause(timeoutMs, false, { signal: timeout.signal }).catch(() => false);
  const hasEnded = await Promise.race([process.ended.then(() => true), late]);
  timeout.abort();
  return hasEnded;
}

function failedStart({ place, logByte }: Member, reason: string): JepsenError {
  const lines = lastLines(place.logFile, logByte);
  const log = lines.length === 0 ? 'It printed nothing.' : `It printed last:\n${lines.join('\n')}`;
  const text = `${place.name} does not start: ${reason}. ${log}\nAll of it: ${place.logFile}`;
  return new JepsenError('CLUSTER_FAILED', text);
}

function describeEnd(end: MemberEnd | undefined): string {
  if (end === undefined) return 'as it was killed';
  return end.signal === null ? `with exit code ${end.code}` : `by ${end.signal}`;
}
