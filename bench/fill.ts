/**
 * `npm run bench:fill`: creates through three masters until the tree has so many files, while the log is cut
 * behind them; then all are killed at once, and started again. Prints a row now and then and, last, one line
 * of JSON: `{"files", "createsPerSecond", "maxRssMiB", "maxLogMiB", "restartSeconds"}`: the most that any
 * member held in memory and in its log, by its own word, and how long it took from the start of the processes
 * until all served and a read was answered.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { Child } from './child.js';
import { fillTree } from './fill-tree.js';
import { runBench, wholeNumber } from './usage.js';

const MEMBERS = 3;
const CLIENT_PORT = 6451;
const MEMBER_PORT = 6551;
const HTTP_PORT = 6651;
const MAX_FILES = 10_000_000_000;
const MAX_OUTSTANDING = 100_000;
const SAMPLE_MS = 1_000;
const STATUS_TIMEOUT_MS = 10_000;
const CREATE_TIMEOUT_MS = 60_000;
const MEBIBYTE = 1024 * 1024;
const HELP = `Usage: npm run bench:fill -- [options]

Fills the tree of three masters, watches their memory and logs, and starts them again.

  --files N         files to create (default 1000000)
  --outstanding N   creates under way at a time (default 1024)
  --memory MIB      of each master, as of inode-app cluster (default 400)
  --help            this text
`;
const addresses = Array.from({ length: MEMBERS }, (_, at) => `127.0.0.1:${CLIENT_PORT + at}`);

interface Arguments {
  readonly files: number;
  readonly outstanding: number;
  readonly memory: number;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: '1000000' },
      outstanding: { type: 'string', default: '1024' },
      memory: { type: 'string', default: '400' },
    },
  });
  return {
    files: wholeNumber('--files', values.files, 1, MAX_FILES),
    outstanding: wholeNumber('--outstanding', values.outstanding, 1, MAX_OUTSTANDING),
    memory: wholeNumber('--memory', values.memory, 400, 1_000_000),
  };
}

function start(directory: string, memory: number): Child {
  const ports = [
    '--client-port',
    CLIENT_PORT,
    '--member-port',
    MEMBER_PORT,
    '--http-port',
    HTTP_PORT,
  ];
  const options = ['--data', directory, '--memory', memory, ...ports].map(String);
  return new Child(['cluster', ...options], /^Serving/, 'inherit');
}

/** Ends every master at once; the launcher ends with them. */
async function kill(cluster: Child): Promise<void> {
  const { members } = await readClusterStatus(addresses, STATUS_TIMEOUT_MS);
  for (const { pid } of members) if (pid !== null) process.kill(pid, 'SIGKILL');
  await cluster.ended;
}

/** The most that any member was seen to hold. */
class Extremes {
  rssBytes = 0;
  logBytes = 0;
  readonly #stop = new AbortController();
  readonly #watching = this.#watch();

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { members } = await readClusterStatus(addresses, STATUS_TIMEOUT_MS);
      for (const { rssBytes, logBytes } of members) {
        this.rssBytes = Math.max(this.rssBytes, rssBytes ?? 0);
        this.logBytes = Math.max(this.logBytes, logBytes ?? 0);
      }
      await sleep(SAMPLE_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }
}

async function main({ files, outstanding, memory }: Arguments): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'inode-app-fill-'));
  const data = join(directory, 'data');
  let cluster = start(data, memory);
  try {
    await cluster.serving;
    const extremes = new Extremes();
    const beganMs = performance.now();
    {
      await using client = new NamespaceClient({ addresses, timeoutMs: CREATE_TIMEOUT_MS });
      await fillTree(client, files, outstanding);
    }
    const createsPerSecond = Math.round((files * 1000) / (performance.now() - beganMs));
    await extremes.end();
    await kill(cluster);
    const startedMs = performance.now();
    cluster = start(data, memory);
    await cluster.serving;
    const restartSeconds = Number(((performance.now() - startedMs) / 1000).toFixed(2));
    const inMiB = (bytes: number) => Math.round(bytes / MEBIBYTE);
    const [maxRssMiB, maxLogMiB] = [inMiB(extremes.rssBytes), inMiB(extremes.logBytes)];
    process.stdout.write(
      `${JSON.stringify({ files, createsPerSecond, maxRssMiB, maxLogMiB, restartSeconds })}\n`,
    );
  } finally {
    await cluster.end('SIGTERM');
    await rm(directory, { recursive: true, force: true });
  }
}

await runBench(HELP, parse, main);
