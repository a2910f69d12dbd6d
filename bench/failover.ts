/**
 * How long writes stop when the leader is killed: `npm run bench:failover -- [--kills 20]`.
 * Three members; one client writes one after the other; `kill -9` of the leader, again and again,
 * and the member is started anew before the next. Prints a row a kill and, last, one line of JSON:
 * `{"kills", "medianMs", "p90Ms", "maxMs"}`: milliseconds from the kill to the next success.
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

/** Writes one after the other; remembers when the last one succeeded. */
class Writer {
  /** When the last write that succeeded began, and when it was answered. */
  #began = 0;
  #answered = 0;
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
      const began = performance.now();
      await this.#client.create(`/writes-${process.pid}-${this.#count++}`);
      this.#answered = performance.now();
      this.#began = began;
    }
  }

  /** When the first write was answered that began after `moment`. */
  async nextSuccess(moment: number): Promise<number> {
    while (this.#began <= moment) await sleep(1);
    return this.#answered;
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
  const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' } } });
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
      await victim.end('SIGKILL');
      const killed = performance.now();
      const pause = (await writer.nextSuccess(killed)) - killed;
      pauses.push(pause);
      process.stdout.write(`kill ${kill}: member ${leader}, ${Math.round(pause)} ms\n`);
      running.set(leader, startMember(directory, leader));
    }
    await writer.stop();
  } finally {
    await client.close();
    await Promise.all([...running.values()].map((member) => member.end('SIGTERM')));
    await rm(directory, { recursive: true, force: true });
  }
  report(pauses);
}

function report(pauses: readonly number[]): void {
  const sorted = [...pauses].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const figures = { kills: sorted.length, medianMs: at(0.5), p90Ms: at(0.9), maxMs: at(1) };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

await main();
