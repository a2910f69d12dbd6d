import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parseAddress } from '@raft-ts/net';
import { freeAddresses } from '@raft-ts/net/testing';

const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('inode-app/package.json')),
  'bin',
  'inode-app.js',
);
const OUTPUT_BYTES = 256 * 1024 * 1024;
const LOOPBACK = '127.0.0.1';
export const CLUSTER_ID = 'integration';

/** How a command ended, and what it printed. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `inode-app` with these arguments. Its standard input stays open as long as this process. */
export function startCommand(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
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

/** The first of three free ports in a row. */
export async function freePortsInARow(): Promise<number> {
  for (;;) {
    const [first = 0] = await freePorts(1);
    const servers = [0, 1, 2].map((offset) => createServer().listen(first + offset, LOOPBACK));
    const bound = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
    for (const server of servers) server.close();
    if (bound.every(({ status }) => status === 'fulfilled')) return first;
  }
}

/** Three masters, each a process that can be killed and started again. */
export class RunningCluster implements AsyncDisposable {
  readonly addresses: readonly string[];
  readonly #directory: string;
  readonly #members: string;
  readonly #processes = new Map<number, ChildProcess>();

  private constructor(directory: string, ports: readonly number[]) {
    this.#directory = directory;
    const ids = [1, 2, 3];
    const client = (id: number) => `${LOOPBACK}:${ports[id - 1]}`;
    this.addresses = ids.map(client);
    this.#members = ids.map((id) => `${id}=${LOOPBACK}:${ports[id + 2]}/${client(id)}`).join(',');
  }

  static async start(directory: string): Promise<RunningCluster> {
    const cluster = new RunningCluster(directory, await freePorts(6));
    await cluster.startAll();
    return cluster;
  }

  async startAll(): Promise<void> {
    await Promise.all([1, 2, 3].map((id) => this.startMember(id)));
  }

  /** Where a member's data lies. */
  data(id: number): string {
    return join(this.#directory, `member-${id}`);
  }

  /** Resolves when the member listens. */
  async startMember(id: number, ...more: readonly string[]): Promise<void> {
    const identity = ['--id', `${id}`, '--cluster-id', CLUSTER_ID, '--data', this.data(id)];
    const options = ['--members', this.#members, '--stop-with-stdin', ...more];
    const child = startCommand(['master', ...identity, ...options]);
    this.#processes.set(id, child);
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += String(chunk);
    });
    if (child.stdout === null) throw new Error('a member without output');
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"serving"')) return;
    }
    throw new Error(`member ${id} did not start: ${errors}`);
  }

  /** Ends members at once, as a loss of power does to processes. */
  async kill(...ids: readonly number[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#end(id, 'SIGKILL')));
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
