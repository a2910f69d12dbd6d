/**
 * How long writes stop when the leader goes:
 * `npm run bench:failover -- [--kills 20] [--how kill|stop|term]`.
 * Three members; one client writes one after the other; the leader gets SIGKILL, or falls silent
 * with SIGSTOP, or ends in good order with SIGTERM, again and again, and the member is started anew
 * before the next. Prints a row a time and, last, one line of JSON:
 * `{"how", "kills", "medianMs", "p90Ms", "maxMs"}`: milliseconds of the longest pause between two
 * successes after the signal, counted from the signal on.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { Child } from './child.js';

const CLIENT_PORT = 6421;
const MEMBER_PORT = 6521;
const IDS = [1, 2, 3] as const;
/** For so long after the signal pauses are looked for. */
const WATCH_MS = 2500;
/** Between a member's return and the next kill, so that it has caught up. */
const PAUSE_MS = 1500;
const STATUS_TIMEOUT_MS = 2000;
const members = IDS.map(
  (id) => `${id}=127.0.0.1:${MEMBER_PORT + id}/127.0.0.1:${CLIENT_PORT + id}`,
).join(',');
const addresses = IDS.map((id) => `127.0.0.1:${CLIENT_PORT + id}`);

function startMember(directory: string, id: number): Child {
  const options = ['--id', `${id}`, '--cluster-id', 'failover-bench', '--members', members];
  return new Child(
    ['master', ...options, '--data', join(directory, `member-${id}`)],
    /"event":"serving"/,
    'ignore',
  );
}

const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  kill: 'SIGKILL',
  stop: 'SIGSTOP',
  term: 'SIGTERM',
};

/** Writes one after the other; remembers the longest pause between two successes. */
class Writer {
  #lastMs = 0;
  #longestMs = 0;
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
      await this.#client.create(`/writes-${process.pid}-${this.#count++}`);
      this.#pauseEnds();
    }
  }

  #pauseEnds(): void {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }

  /** Looks for pauses from now on. */
  watch(): void {
    this.#lastMs = performance.now();
    this.#longestMs = 0;
  }

  /** The longest pause since then, also one that has not ended. */
  get longestMs(): number {
    return Math.max(this.#longestMs, performance.now() - this.#lastMs);
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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      how: { type: 'string', default: 'kill' },
    },
  });
  const signal = SIGNALS[values.how];
  if (signal === undefined) throw new Error('--how must be kill, stop or term');
  const directory = await mkdtemp(join(tmpdir(), 'inode-app-failover-'));
  const running = new Map(IDS.map((id) => [id as number, startMember(directory, id)]));
  const client = new NamespaceClient({ addresses, timeoutMs: 30_000 });
  const pauses: number[] = [];
  try {
    await Promise.all([...running.values()].map((member) => member.serving));
    await client.mkdir('/warm-up');
    const writer = new Writer(client);
    for (let kill = 1; kill <= Number(values.kills); kill++) {
      await sleep(PAUSE_MS);
      const leader = await currentLeader();
      const victim = running.get(leader);
      if (victim === undefined) throw new Error(`no process for member ${leader}`);
      writer.watch();
      victim.signal(signal);
      await sleep(WATCH_MS);
      const pause = writer.longestMs;
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
  report(values.how, pauses);
}

function report(how: string, pauses: readonly number[]): void {
  const sorted = [...pauses].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const figures = { how, kills: sorted.length, medianMs: at(0.5), p90Ms: at(0.9), maxMs: at(1) };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

await main();
