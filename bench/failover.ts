/**
 * How long writes stop when the leader goes:
 * `npm run bench:failover -- [--kills 20] [--how kill|stop|term]`.
 * Three members; one client writes one after the other; the leader gets SIGKILL, or falls silent
 * with SIGSTOP, or ends in good order with SIGTERM, again and again, and the member is started anew
 * before the next. Prints a row a time and, last, one line of JSON:
 * `{"how", "kills", "medianMs", "p90Ms", "maxMs"}`: milliseconds of the longest pause between two
 * successes, from the signal until the first of a write that began after another member led.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { Child } from './child.js';
import { runBench, wholeNumber } from './usage.js';

const CLIENT_PORT = 6421;
const MEMBER_PORT = 6521;
const IDS = [1, 2, 3] as const;
/** Between a member's return and the next kill, so that it has caught up. */
const PAUSE_MS = 1500;
const STATUS_TIMEOUT_MS = 2000;
const members = IDS.map(
  (id) => `${id}=127.0.0.1:${MEMBER_PORT + id}/127.0.0.1:${CLIENT_PORT + id}`,
).join(',');
const addresses = IDS.map((id) => `127.0.0.1:${CLIENT_PORT + id}`);

/** When a member last said that it leads. */
let ledAtMs = 0;

function startMember(directory: string, id: number): Child {
  const options = ['--id', `${id}`, '--cluster-id', 'failover-bench', '--members', members];
  return new Child(
    ['master', ...options, '--data', join(directory, `member-${id}`)],
    /"event":"serving"/,
    (line) => {
      if (line.includes('leads from now on')) ledAtMs = performance.now();
    },
  );
}

const SIGNALS: ReadonlyMap<string, NodeJS.Signals> = new Map([
  ['kill', 'SIGKILL'],
  ['stop', 'SIGSTOP'],
  ['term', 'SIGTERM'],
]);
const MAX_KILLS = 10_000;
const HELP = `Usage: npm run bench:failover -- [options]

Starts three members, ends the leader again and again, and measures how long writes stop.

  --kills N   how often (default 20)
  --how HOW   kill: SIGKILL; stop: SIGSTOP, it falls silent; term: SIGTERM, in good order
              (default kill)
  --help      this text
`;

/** Writes one after the other; remembers the longest pause between two successes. */
class Writer {
  /** When the last success came. */
  #lastMs = 0;
  #longestMs = 0;
  /** Since when a pause is looked for, and who is told of it. */
  #fromMs = Number.POSITIVE_INFINITY;
  #tell: (longestMs: number) => void = () => {};
  #count = 0;
  #stopped = false;
  readonly #client: NamespaceClient;
  readonly done: Promise<void>;

  constructor(client: NamespaceClient) {
    this.#client = client;
    this.done = this.#write();
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const beganMs = performance.now();
      await this.#client.create(`/writes-${process.pid}-${this.#count++}`);
      const nowMs = performance.now();
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
      this.#lastMs = nowMs;
      if (ledAtMs > this.#fromMs && beganMs > ledAtMs) this.#tell(this.#longestMs);
    }
  }

  /** The longest pause from now on until a write succeeds that began after another member led. */
  longestPauseMs(): Promise<number> {
    this.#fromMs = performance.now();
    this.#lastMs = this.#fromMs;
    this.#longestMs = 0;
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.done;
  }
}

async function currentLeader(): Promise<number> {
  for (;;) {
    const { leader } = await readClusterStatus(addresses, STATUS_TIMEOUT_MS);
    if (leader !== null && leader !== 0) return leader;
    await sleep(20);
  }
}

interface Arguments {
  readonly kills: number;
  readonly how: string;
  readonly signal: NodeJS.Signals;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '20' },
      how: { type: 'string', default: 'kill' },
    },
  });
  const { how } = values;
  const signal = SIGNALS.get(how);
  if (signal === undefined) throw new TypeError(`--how takes kill, stop or term, not "${how}"`);
  return { kills: wholeNumber('--kills', values.kills, 1, MAX_KILLS), how, signal };
}

async function main({ kills, how, signal }: Arguments): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'inode-app-failover-'));
  const running = new Map(IDS.map((id) => [id as number, startMember(directory, id)]));
  const client = new NamespaceClient({ addresses, timeoutMs: 30_000 });
  const pauses: number[] = [];
  try {
    await Promise.all([...running.values()].map((member) => member.serving));
    await client.mkdir('/warm-up');
    const writer = new Writer(client);
    for (let kill = 1; kill <= kills; kill++) {
      await sleep(PAUSE_MS);
      const leader = await currentLeader();
      const victim = running.get(leader);
      if (victim === undefined) throw new Error(`no process for member ${leader}`);
      victim.signal(signal);
      const pause = await writer.longestPauseMs();
      pauses.push(pause);
      process.stdout.write(`${signal} ${kill}: member ${leader}, ${Math.round(pause)} ms\n`);
      await victim.end('SIGKILL');
      const again = startMember(directory, leader);
      running.set(leader, again);
      await again.serving;
    }
    await writer.stop();
  } finally {
    await client.close();
    await Promise.all([...running.values()].map((member) => member.end('SIGTERM')));
    await rm(directory, { recursive: true, force: true });
  }
  report(how, pauses);
}

function report(how: string, pauses: readonly number[]): void {
  const sorted = [...pauses].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const figures = { how, kills: sorted.length, medianMs: at(0.5), p90Ms: at(0.9), maxMs: at(1) };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

await runBench(HELP, parse, main);
