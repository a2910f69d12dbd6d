import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TcpRpcNetwork, type WireValue } from '@raft-ts/net';
import { freeAddresses } from '@raft-ts/net/testing';
import {
  decodeRecords,
  encodeRecords,
  type InMemoryStateMachine,
  ReplicatedClient,
  SnapshotMap,
} from '@raft-ts/statemachine';
import { Member } from '@raft-ts/statemachine/member';
import { runBench, wholeNumbers } from './usage.js';

const HELP = `npm run bench:map-snapshot -- [MEGABYTES]

Three members, each a process with a Map of so many megabytes (200): how long their event loops are held up for
while nothing but a light load happens, and while a snapshot is made; how long a member that was killed and
wiped takes to be back, and all of them after kill -9. The last line is JSON; times in milliseconds.
`;
const MEMBER = 'member';
const MEMBERS = [1, 2, 3];
const VALUE_BYTES = 200;
/** Entries of the map that one command makes, so that the log stays small. */
const FILL = 1_000;
const QUIET_MS = 5_000;

type Founders = Readonly<Record<number, Record<'member' | 'client' | 'http', string>>>;

interface Delays {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What a member's process says when it is asked. */
interface Report {
  readonly before: Delays;
  /** Undefined until a snapshot was made. */
  readonly whileMade: Delays | undefined;
  readonly snapshotMs: number;
  readonly rssMegabytes: number;
}

const rounded = (ms: number) => Math.round(ms * 100) / 100;

function delaysOf(histogram: IntervalHistogram): Delays {
  const at = (percentile: number) => rounded(histogram.percentile(percentile) / 1e6);
  return { p50Ms: at(50), p99Ms: at(99), maxMs: rounded(histogram.max / 1e6) };
}

/** A map whose entries a command makes by the thousand. */
class LargeMap implements InMemoryStateMachine<number, null> {
  readonly entries = new SnapshotMap<string, string>();
  readonly before = monitorEventLoopDelay({ resolution: 1 });
  readonly whileMade = monitorEventLoopDelay({ resolution: 1 });
  snapshotMs = 0;

  parseCommand(value: WireValue): number {
    return Number(value);
  }

  parseQuery(): null {
    return null;
  }

  /** Below zero: one entry anew, as a service changes its state now and then. */
  apply(from: number): WireValue {
    const count = from < 0 ? 1 : FILL;
    for (let i = 0; i < count; i++) {
      this.entries.set(`key ${Math.abs(from) + i}`, `${from} ${i} `.padEnd(VALUE_BYTES, 'x'));
    }
    return this.entries.size;
  }

  query(): WireValue {
    return this.entries.size;
  }

  async *snapshot(): AsyncGenerator<Uint8Array> {
    const began = performance.now();
    this.before.disable();
    this.whileMade.reset();
    this.whileMade.enable();
    yield* encodeRecords(this.entries.moment());
    this.whileMade.disable();
    this.snapshotMs = performance.now() - began;
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.entries.clear();
    for await (const record of decodeRecords(chunks)) {
      const [key, value]: readonly WireValue[] = Array.isArray(record) ? record : [];
      this.entries.set(String(key), String(value));
    }
  }
}

/** In a process of its own: says `ready` when it answers, measures from `measure` on, reports at `report`. */
async function runMember(id: number, directory: string, founders: Founders, fills: number) {
  const machine = new LargeMap();
  const member = await Member.open({
    id,
    clusterId: 'map-snapshot',
    directory,
    application: { name: 'map', version: 1 },
    machine,
    listen: founders[id] ?? { member: '', client: '', http: '' },
    founders,
    limits: { maxEntryItems: 1 },
    compaction: { everyEntries: fills + 100, keepEntries: 10 },
    snapshots: { minFreeBytes: 0 },
  });
  process.on('message', (asked) => {
    if (asked === 'measure') {
      machine.before.reset();
      machine.before.enable();
    } else process.send?.(report(machine));
  });
  const size = await member.query(null, { timeoutMs: 600_000 });
  process.send?.({ size });
}

function report({ before, whileMade, snapshotMs }: LargeMap): Report {
  const rssMegabytes = Math.round(process.memoryUsage.rss() / 1e6);
  const made = snapshotMs > 0 ? delaysOf(whileMade) : undefined;
  return {
    before: delaysOf(before),
    whileMade: made,
    snapshotMs: Math.round(snapshotMs),
    rssMegabytes,
  };
}

/** The members' processes, as the one that measures sees them. */
class Processes {
  readonly #directory: string;
  readonly #founders: Founders;
  readonly #fills: number;
  readonly #running = new Map<number, ChildProcess>();

  constructor(directory: string, founders: Founders, fills: number) {
    this.#directory = directory;
    this.#founders = founders;
    this.#fills = fills;
  }

  /** Resolves with the size of its map once it answers a linearizable query. */
  async start(id: number): Promise<unknown> {
    const own = join(this.#directory, `${id}`);
    const args = [MEMBER, `${id}`, own, JSON.stringify(this.#founders), `${this.#fills}`];
    const child = fork(fileURLToPath(import.meta.url), args);
    this.#running.set(id, child);
    const [{ size }] = await once(child, 'message');
    return size;
  }

  tell(id: number, what: string): void {
    this.#running.get(id)?.send(what);
  }

  async report(id: number): Promise<Report> {
    const child = this.#running.get(id);
    if (child === undefined) throw new Error(`member ${id} does not run`);
    const answer = once(child, 'message');
    child.send('report');
    const [told] = await answer;
    return told;
  }

  async kill(id: number): Promise<void> {
    const child = this.#running.get(id);
    if (child === undefined) return;
    this.#running.delete(id);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async wipe(id: number): Promise<void> {
    await rm(join(this.#directory, `${id}`), { recursive: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}

async function foundersOf(): Promise<Founders> {
  const addresses = await freeAddresses(MEMBERS.length * 3);
  const entries = MEMBERS.map((id) => {
    const [member = '', client = '', http = ''] = addresses.slice((id - 1) * 3);
    return [id, { member, client, http }] as const;
  });
  return Object.fromEntries(entries);
}

/** One entry changes every 20 ms, until `ended`. */
async function lightLoad(client: ReplicatedClient, ended: () => Promise<boolean>): Promise<void> {
  for (let i = 1; !(await ended()); i++) {
    await client.command(-i);
    await sleep(20);
  }
}

async function measureAll(megabytes: number, directory: string): Promise<object> {
  const fills = Math.ceil((megabytes * 1e6) / (FILL * VALUE_BYTES));
  const founders = await foundersOf();
  const processes = new Processes(directory, founders, fills);
  try {
    await Promise.all(MEMBERS.map((id) => processes.start(id)));
    const addresses = MEMBERS.map((id) => founders[id]?.client ?? '');
    await using client = new ReplicatedClient({ addresses, network: new TcpRpcNetwork() });
    for (let i = 0; i < fills; i++) await client.command(i * FILL, { timeoutMs: 60_000 });
    for (const id of MEMBERS) processes.tell(id, 'measure');
    const until = performance.now() + QUIET_MS;
    let reports: readonly Report[] = [];
    await lightLoad(client, async () => {
      if (performance.now() < until) return false;
      reports = await Promise.all(MEMBERS.map((id) => processes.report(id)));
      return reports.every(({ whileMade }) => whileMade !== undefined);
    });
    await processes.kill(3);
    await processes.wipe(3);
    const wipedIsBackMs = await timed(() => processes.start(3));
    await Promise.all(MEMBERS.map((id) => processes.kill(id)));
    let sizes: readonly unknown[] = [];
    const restartedMs = await timed(async () => {
      sizes = await Promise.all(MEMBERS.map((id) => processes.start(id)));
    });
    return {
      megabytes,
      entries: fills * FILL,
      members: reports,
      wipedIsBackMs,
      restartedMs,
      sizes,
    };
  } finally {
    await Promise.all(MEMBERS.map((id) => processes.kill(id)));
  }
}

async function measureInDirectory({ megabytes }: { readonly megabytes: number }): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-map-snapshot-'));
  try {
    process.stdout.write(`${JSON.stringify(await measureAll(megabytes, directory))}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [role, id, directory = '', founders = '{}', fills] = process.argv.slice(2);
if (role === MEMBER) await runMember(Number(id), directory, JSON.parse(founders), Number(fills));
else await runBench(HELP, (args) => wholeNumbers(args, { megabytes: 200 }), measureInDirectory);
