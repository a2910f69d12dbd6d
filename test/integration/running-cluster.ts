import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseAddress } from '@raft-ts/net';
import { freeAddresses } from '@raft-ts/net/testing';
import { type ClusterStatus, readClusterStatus } from 'inode-app';

/** What `node` is told to run. */
export const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('inode-app/package.json')),
  'bin',
  'inode-app.js',
);
const OUTPUT_BYTES = 256 * 1024 * 1024;
const LOOPBACK = '127.0.0.1';
const STATUS_MS = 2_000;
const POLL_MS = 50;
export const CLUSTER_ID = 'integration';

/** How a command ended, and what it printed. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts `inode-app` with these arguments, in a process that may open so many files. Its standard
 * input stays open as long as this process.
 */
export function startCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  openFiles?: number,
): ChildProcess {
  const command = [process.execPath, PROGRAM, ...args];
  // A limit of the shell's own is the hard one, too: Node can't raise it.
  const limited = ['bash', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'bash', ...command];
  const [file = '', ...rest] = openFiles === undefined ? command : limited;
  return spawn(file, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
}

/** Runs `inode-app` to its end. */
export async function runCommand(args: readonly string[]): Promise<CommandResult> {
  try {
    const run = promisify(execFile);
    const options = { maxBuffer: OUTPUT_BYTES };
    const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...args], options);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** Ports that are free now, all different. */
async function freePorts(count: number): Promise<readonly number[]> {
  return (await freeAddresses(count)).map((address) => parseAddress(address).port);
}

/** Below those that systems give to connections, which could take a port before it is listened at. */
const PORTS_IN_A_ROW = { min: 10_240, max: 32_000 };

/** The first of three free ports in a row. */
export async function freePortsInARow(): Promise<number> {
  for (;;) {
    const first = randomInt(PORTS_IN_A_ROW.min, PORTS_IN_A_ROW.max);
    const servers = [0, 1, 2].map((offset) => createServer().listen(first + offset, LOOPBACK));
    const bound = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
    for (const server of servers) server.close();
    if (bound.every(({ status }) => status === 'fulfilled')) return first;
  }
}

/** What members find where they run. */
export interface Surroundings {
  /** Environment variables of a member beyond those of this process. */
  readonly environment?: (id: number) => Readonly<Record<string, string>>;
  /** What the members call the host of each; loopback by default. */
  readonly host?: (id: number) => string;
  /** What each may open; as much as this process when it is not given. */
  readonly openFiles?: number;
}

/** A master's process and what it says. */
export class SpawnedMember {
  /** Resolves when it listens; with false when it has ended first. */
  readonly serving: Promise<boolean>;
  /** Resolves with its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it printed on standard output and standard error so far. */
  printed = '';
  errors = '';

  constructor(child: ChildProcess) {
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    child.stderr?.on('data', (chunk) => {
      this.errors += String(chunk);
    });
    this.serving = new Promise((resolve) => {
      child.stdout?.on('data', (chunk) => {
        this.printed += String(chunk);
        if (this.printed.includes('"serving"')) resolve(true);
      });
      void this.ended.then(() => resolve(false));
    });
  }
}

/** Three masters, each a process that can be killed and started again. */
export class RunningCluster implements AsyncDisposable {
  readonly addresses: readonly string[];
  readonly memberAddresses: readonly string[];
  readonly #openFiles: number | undefined;
  readonly #directory: string;
  readonly #members: string;
  readonly #processes = new Map<number, ChildProcess>();
  readonly #spawned = new Map<number, SpawnedMember>();
  readonly #environment: (id: number) => Readonly<Record<string, string>>;

  private constructor(directory: string, ports: readonly number[], surroundings: Surroundings) {
    const { environment = () => ({}), host = () => LOOPBACK, openFiles } = surroundings;
    this.#openFiles = openFiles;
    this.#directory = directory;
    this.#environment = environment;
    const ids = [1, 2, 3];
    this.addresses = ids.map((id) => `${LOOPBACK}:${ports[id - 1]}`);
    this.memberAddresses = ids.map((id) => `${LOOPBACK}:${ports[id + 2]}`);
    this.#members = ids
      .map((id) => `${id}=${host(id)}:${ports[id + 2]}/${host(id)}:${ports[id - 1]}`)
      .join(',');
  }

  static async start(directory: string, surroundings: Surroundings = {}): Promise<RunningCluster> {
    const cluster = new RunningCluster(directory, await freePorts(6), surroundings);
    await cluster.startAll();
    return cluster;
  }

  async startAll(): Promise<void> {
    await Promise.all([1, 2, 3].map((id) => this.startMember(id)));
  }

  /** Waits until the status is as wanted. */
  async statusWhen(wanted: (status: ClusterStatus) => boolean): Promise<ClusterStatus> {
    for (;;) {
      const status = await readClusterStatus(this.addresses, STATUS_MS);
      if (wanted(status)) return status;
      await pause(POLL_MS);
    }
  }

  /** Where a member's data lies. */
  data(id: number): string {
    return join(this.#directory, `member-${id}`);
  }

  /** Resolves when the member listens. */
  async startMember(id: number, ...more: readonly string[]): Promise<void> {
    const member = this.spawnMember(id, ...more);
    if (!(await member.serving)) throw new Error(`member ${id} did not start: ${member.errors}`);
  }

  /** Starts a member, whatever becomes of it. */
  spawnMember(id: number, ...more: readonly string[]): SpawnedMember {
    const identity = ['--id', `${id}`, '--cluster-id', CLUSTER_ID, '--data', this.data(id)];
    const options = ['--members', this.#members, '--stop-with-stdin', ...more];
    const child = startCommand(
      ['master', ...identity, ...options],
      this.#environment(id),
      this.#openFiles,
    );
    this.#processes.set(id, child);
    const member = new SpawnedMember(child);
    this.#spawned.set(id, member);
    return member;
  }

  /** What a member has said on standard error since it was started last. */
  said(id: number): string {
    return this.#spawned.get(id)?.errors ?? '';
  }

  /** Ends members at once, as a loss of power does to processes. */
  async kill(...ids: readonly number[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#end(id, 'SIGKILL')));
  }

  /** Sends a signal to a member: SIGSTOP holds it, SIGCONT lets it go on. */
  signal(id: number, signal: NodeJS.Signals): void {
    this.#processes.get(id)?.kill(signal);
  }

  /** Stops a member; its exit code. */
  async stop(id: number): Promise<number | null> {
    return this.#end(id, 'SIGTERM');
  }

  /** A command against this cluster. */
  run(...args: readonly string[]): Promise<CommandResult> {
    return runCommand([...args, '--addresses', this.addresses.join(',')]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill(...this.#processes.keys());
  }

  async #end(id: number, signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#processes.get(id);
    if (child === undefined) return null;
    this.#processes.delete(id);
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    await once(child, 'exit');
    return child.exitCode;
  }
}
