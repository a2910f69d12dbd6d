import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';

const MEMBERS = 3;

/**
 * Three members of their own processes and their own data, gone without a trace when disposed.
 * They have the ports for themselves: where somebody else's cluster serves, `start` fails.
 */
export class BenchCluster implements AsyncDisposable {
  readonly addresses: readonly string[];
  /** Rejects when it ends before it is disposed of. */
  readonly lost: Promise<never>;
  readonly #launcher: Child;
  readonly #directory: string;

  private constructor(launcher: Child, directory: string, addresses: readonly string[]) {
    this.#launcher = launcher;
    this.#directory = directory;
    this.addresses = addresses;
    this.lost = launcher.ended.then(() => {
      throw new Error('the cluster has ended');
    });
    this.lost.catch(() => {});
  }

  static async start(clientPort: number, memberPort: number): Promise<BenchCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'inode-app-bench-'));
    const ports = ['--client-port', String(clientPort), '--member-port', String(memberPort)];
    const launcher = new Child(['cluster', '--data', directory, ...ports], /^Serving/, 'inherit');
    const addresses = Array.from({ length: MEMBERS }, (_, i) => `127.0.0.1:${clientPort + i}`);
    const cluster = new BenchCluster(launcher, directory, addresses);
    try {
      await launcher.serving;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#launcher.end('SIGTERM');
    await rm(this.#directory, { recursive: true, force: true });
  }
}
