import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND } from './command.js';

const MEMBERS = 3;

/** Three members of their own processes and their own data, gone without a trace when disposed. */
export class BenchCluster implements AsyncDisposable {
  readonly addresses: readonly string[];
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(process: ChildProcess, directory: string, addresses: readonly string[]) {
    this.#process = process;
    this.#directory = directory;
    this.addresses = addresses;
  }

  static async start(clientPort: number, memberPort: number): Promise<BenchCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'inode-app-bench-'));
    const ports = ['--client-port', String(clientPort), '--member-port', String(memberPort)];
    const child = spawn(process.execPath, [COMMAND, 'cluster', '--data', directory, ...ports], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const addresses = Array.from({ length: MEMBERS }, (_, i) => `127.0.0.1:${clientPort + i}`);
    return new BenchCluster(child, directory, addresses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
