/**
 * `npm run bench:fill`: creates through three masters until the tree has so many files, while the log is cut
 * behind them; then all are killed, and each is started again. Prints a row now and then and, last, one line
 * of JSON: `{"files", "createsPerSecond", "maxRssMiB", "maxLogMiB", "restartSeconds"}`: the most that any
 * member held in memory and in its log, by its own word, and how long the slowest took, from the start of its
 * process, until it served.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { Child } from './child.js';
import { runBench, wholeNumber } from './usage.js';

const CLIENT_PORT = 6451;
const MEMBER_PORT = 6551;
const HTTP_PORT = 6651;
const IDS = [1, 2, 3] as const;
const FILES_PER_DIRECTORY = 10_000;
const MAX_FILES = 10_000_000_000;
const MAX_OUTSTANDING = 100_000;
const ROW_MS = 30_000;
const SAMPLE_MS = 1_000;
const STATUS_TIMEOUT_MS = 10_000;
const CREATE_TIMEOUT_MS = 60_000;
const MEBIBYTE = 1024 * 1024;
const HELP = `Usage: npm run bench:fill -- [options]

Fills the tree of three masters, watches their memory and logs, and starts them again.

  --files N         files to create (default 1000000)
  --outstanding N   creates under way at a time (default 1024)
  --log-limit MIB   as of inode-app master (default 256)
  --help            this text
`;
const members = IDS.map(
  (id) => `${id}=127.0.0.1:${MEMBER_PORT + id}/127.0.0.1:${CLIENT_PORT + id}/127.0.0.1:${HTTP_PORT + id}`,
).join(',');
const addresses = IDS.map((id) => `127.0.0.1:${CLIENT_PORT + id}`);

interface Arguments {
  readonly files: number;
  readonly outstanding: number;
  readonly logLimit: number;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: '1000000' },
      outstanding: { type: 'string', default: '1024' },
      'log-limit': { type: 'string', default: '256' },
    },
  });
  return {
    files: wholeNumber('--files', values.files, 1, MAX_FILES),
    outstanding: wholeNumber('--outstanding', values.outstanding, 1, MAX_OUTSTANDING),
    logLimit: wholeNumber('--log-limit', values['log-limit'], 1, 1_000_000),
  };
}

function startMember(directory: string, id: number, logLimit: number): Child {
  const options = ['--id', `${id}`, '--cluster-id', 'fill-bench', '--members', members];
  const data = ['--data', join(directory, `member-${id}`), '--log-limit', `${logLimit}`];
  return new Child(['master', ...options, ...data], /"event":"serving"/, 'inherit');
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

async function fill(client: NamespaceClient, files: number, outstanding: number): Promise<void> {
  let next = 0;
  const made: Promise<unknown>[] = [];
  const worker = async (): Promise<void> => {
    for (let file = next++; file < files; file = next++) {
      const number = Math.floor(file / FILES_PER_DIRECTORY);
      const directory = `/fill/d${number}`;
      made[number] ??= client.mkdir(directory, { parents: true });
      await made[number];
      await client.create(`${directory}/part-${file}.parquet`);
    }
  };
  const beganMs = performance.now();
  const row = setInterval(() => {
    const seconds = (performance.now() - beganMs) / 1000;
    const rate = Math.round(next / seconds);
    process.stdout.write(`${Math.round(seconds)} s: ${next} of ${files} files, ${rate} a second\n`);
  }, ROW_MS);
  try {
    await Promise.all(Array.from({ length: outstanding }, worker));
  } finally {
    clearInterval(row);
  }
}

async function main({ files, outstanding, logLimit }: Arguments): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'inode-app-fill-'));
  let running = IDS.map((id) => startMember(directory, id, logLimit));
  try {
    await Promise.all(running.map((member) => member.serving));
    const extremes = new Extremes();
    const beganMs = performance.now();
    {
      await using client = new NamespaceClient({ addresses, timeoutMs: CREATE_TIMEOUT_MS });
      await fill(client, files, outstanding);
    }
    const createsPerSecond = Math.round((files * 1000) / (performance.now() - beganMs));
    await extremes.end();
    await Promise.all(running.map((member) => member.end('SIGKILL')));
    const restartSeconds: number[] = [];
    const again: Child[] = [];
    for (const id of IDS) {
      const startedMs = performance.now();
      const member = startMember(directory, id, logLimit);
      again.push(member);
      running = again;
      await member.serving;
      restartSeconds.push((performance.now() - startedMs) / 1000);
    }
    const inMiB = (bytes: number) => Math.round(bytes / MEBIBYTE);
    process.stdout.write(
      `${JSON.stringify({
        files,
        createsPerSecond,
        maxRssMiB: inMiB(extremes.rssBytes),
        maxLogMiB: inMiB(extremes.logBytes),
        restartSeconds: Number(Math.max(...restartSeconds).toFixed(2)),
      })}\n`,
    );
  } finally {
    await Promise.all(running.map((member) => member.end('SIGKILL')));
    await rm(directory, { recursive: true, force: true });
  }
}

await runBench(HELP, parse, main);
