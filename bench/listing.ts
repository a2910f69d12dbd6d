/**
 * `npm run bench:listing`: what removed entries cost those who come after.
 *
 * Listing: a directory of which all entries but three were removed one by one, in several orders; how long the
 * listing takes, and how long it holds the event loop, each the least of twenty. On a busy machine a loop is held
 * up by others too: the same is measured without the listing, for as long, and printed beside it.
 *
 * Reclaiming: microseconds a row, of the event loop and in all; then creates a second through a cluster of
 * three before, while and after a tree is reclaimed.
 *
 * Prints tables and, last, one line of JSON: `{"listing": [{"order", "kept", "listingMs", "heldMs",
 * "idleHeldMs"}], "reclaim": {"loopMicroseconds", "microseconds"}, "others": {"before", "while", "after",
 * "ratio"}}`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import {
  byteString,
  type NamespaceCommand,
  NamespaceMachine,
  NO_ATTRIBUTES,
  openRocksRows,
} from 'inode-app/store';
import { BenchCluster } from './cluster.js';
import { measure } from './measure.js';

const HELP = `Usage: npm run bench:listing -- [options]

Removes entries one by one, and measures what listing the others costs; reclaims a tree, and
measures what that costs those who create files meanwhile.

  --entries N       entries of the directory that is emptied, and of the tree (default 200000)
  --seconds N       seconds that creates are measured, each time (default 4)
  --client-port N   first of three ports for clients (default 6441)
  --member-port N   first of three ports between members (default 6541)
  --help            this text
`;
const MEBIBYTE = 1024 * 1024;
/** As a master has them. */
const BUDGETS = { memtableBudgetBytes: 24 * MEBIBYTE, blockCacheBytes: 32 * MEBIBYTE };
const COMMANDS_PER_COMMIT = 100;
const LISTINGS = 20;
const OUTSTANDING = 64;
/** Creates under way while a tree is made. */
const OUTSTANDING_BEFORE = 512;
const POLL_MS = 500;
const STATUS_TIMEOUT_MS = 10_000;

/** A tree in a directory of its own, gone when disposed. */
class Tree implements AsyncDisposable {
  readonly machine: NamespaceMachine;
  readonly #directory: string;
  #index = 0;
  /** Milliseconds that the event loop was held by commands. */
  heldMs = 0;

  private constructor(machine: NamespaceMachine, directory: string) {
    this.machine = machine;
    this.#directory = directory;
  }

  static async open(): Promise<Tree> {
    const directory = await mkdtemp(join(tmpdir(), 'bench-listing-'));
    const rows = await openRocksRows({ directory, ...BUDGETS });
    return new Tree(await NamespaceMachine.open({ rows }), directory);
  }

  async applyAll(commands: readonly NamespaceCommand[]): Promise<void> {
    for (let from = 0; from < commands.length; from += COMMANDS_PER_COMMIT) {
      await this.apply(commands.slice(from, from + COMMANDS_PER_COMMIT));
    }
  }

  async apply(commands: readonly NamespaceCommand[]): Promise<void> {
    await this.machine.prefetch(commands);
    const start = performance.now();
    for (const command of commands) {
      this.#index += 1;
      const wallMs = 1_700_000_000_000 + this.#index;
      this.machine.apply(command, { index: this.#index, logTimeMs: this.#index, wallMs });
    }
    this.machine.commit(this.#index, []);
    this.heldMs += performance.now() - start;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

const mkdir = (path: string): NamespaceCommand => [
  { kind: 'mkdir', path: byteString(path), parents: true, attributes: NO_ATTRIBUTES },
];
const create = (path: string): NamespaceCommand => [
  { kind: 'create', path: byteString(path), attributes: NO_ATTRIBUTES },
];
const remove = (path: string): NamespaceCommand => [
  { kind: 'delete', path: byteString(path), recursive: true },
];

/** A permutation that is the same each time: steps by a prime through all numbers. */
const PRIME = 1_000_003;
const ORDERS: Readonly<Record<string, (n: number, entries: number) => number>> = {
  'in order': (n) => n,
  'in reverse': (n, entries) => entries - 1 - n,
  'in disorder': (n, entries) => (n * PRIME) % entries,
};
const KEPT: Readonly<Record<string, (entries: number) => number>> = {
  beginning: () => 0,
  middle: (entries) => entries >> 1,
  end: (entries) => entries - 3,
};

interface Listing {
  readonly order: string;
  readonly kept: string;
  readonly listingMs: number;
  readonly heldMs: number;
  readonly idleHeldMs: number;
}

async function measureListing(entries: number, order: string, kept: string): Promise<Listing> {
  await using tree = await Tree.open();
  const path = (n: number) => `/d/${String(n).padStart(9, '0')}`;
  const numbers = Array.from({ length: entries }, (_, n) => n);
  await tree.apply([mkdir('/d')]);
  await tree.applyAll(numbers.map((n) => create(path(n))));
  const first = KEPT[kept]?.(entries) ?? 0;
  const removed = numbers
    .map((n) => ORDERS[order]?.(n, entries) ?? n)
    .filter((n) => n < first || n >= first + 3);
  await tree.applyAll(removed.map((n) => remove(path(n))));
  const list = () =>
    tree.machine.query({
      kind: 'list',
      path: byteString('/d'),
      after: byteString(''),
      limit: 1000,
    });
  const listings: (readonly [listingMs: number, heldMs: number])[] = [];
  for (let n = 0; n < LISTINGS; n += 1) {
    const start = performance.now();
    const heldMs = await longestHold(list());
    listings.push([performance.now() - start, heldMs]);
  }
  const listingMs = least(listings.map(([ms]) => ms));
  const idle: number[] = [];
  for (let n = 0; n < LISTINGS; n += 1) idle.push(await longestHold(sleep(listingMs)));
  const heldMs = least(listings.map(([, ms]) => ms));
  return { order, kept, listingMs, heldMs, idleHeldMs: least(idle) };
}

/** Milliseconds that the event loop did not come round, at the longest, until `work` was done. */
async function longestHold(work: Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await done;
  return longest;
}

async function measureReclaim(entries: number) {
  await using tree = await Tree.open();
  await tree.applyAll(treeCommands(entries));
  await tree.apply([remove('/gone')]);
  tree.heldMs = 0;
  const start = performance.now();
  for (;;) {
    const work = tree.machine.pendingWork();
    if (work === undefined) break;
    await tree.apply([tree.machine.parseCommand(work)]);
  }
  const ms = performance.now() - start;
  const perRow = (total: number) => Number(((total * 1000) / entries).toFixed(2));
  return { loopMicroseconds: perRow(tree.heldMs), microseconds: perRow(ms) };
}

function treeCommands(entries: number): NamespaceCommand[] {
  const directories = Array.from({ length: 20 }, (_, d) => mkdir(`/gone/d${d}`));
  const files = Array.from({ length: entries }, (_, n) => create(`/gone/d${n % 20}/f${n}`));
  return [...directories, ...files];
}

async function measureOthers(
  cluster: BenchCluster,
  entries: number,
  seconds: number,
): Promise<Readonly<Record<'before' | 'while' | 'after' | 'ratio', number>>> {
  await using client = new NamespaceClient({ addresses: cluster.addresses });
  for (let d = 0; d < 20; d += 1) await client.mkdir(`/gone/d${d}`, { parents: true });
  let made = 0;
  const makeNext = async () => {
    while (made < entries) await client.create(`/gone/d${made % 20}/f${made++}`);
  };
  await Promise.all(Array.from({ length: OUTSTANDING_BEFORE }, makeNext));
  await client.mkdir('/others');
  let round = 0;
  let others = 0;
  const creates = async () => {
    round += 1;
    const { opsPerSecond } = await measure(OUTSTANDING, 1, seconds, async (n) => {
      await client.create(`/others/${round}-${n}`);
      others += 1;
    });
    return opsPerSecond;
  };
  const isReclaimed = async () => (await mostFiles(cluster.addresses)) <= others;
  const before = await creates();
  await client.delete('/gone', { recursive: true });
  const meanwhile = await creates();
  if (await isReclaimed()) process.stdout.write('too few entries: reclaiming ended too early\n');
  while (!(await isReclaimed())) await sleep(POLL_MS);
  const after = await creates();
  const ratio = Number((meanwhile / ((before + after) / 2)).toFixed(2));
  return { before, while: meanwhile, after, ratio };
}

/** Of what was measured several times: others on the machine only ever add to it. */
function least(values: readonly number[]): number {
  return Number(Math.min(...values).toFixed(2));
}

/** Files that a member still counts, of whichever counts most. */
async function mostFiles(addresses: readonly string[]): Promise<number> {
  const { members } = await readClusterStatus(addresses, STATUS_TIMEOUT_MS);
  return Math.max(...members.map(({ files }) => files ?? Number.POSITIVE_INFINITY));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      entries: { type: 'string', default: '200000' },
      seconds: { type: 'string', default: '4' },
      'client-port': { type: 'string', default: '6441' },
      'member-port': { type: 'string', default: '6541' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const entries = Number(values.entries);
  const listing: Listing[] = [];
  for (const order of Object.keys(ORDERS)) {
    for (const kept of Object.keys(KEPT)) listing.push(await measureListing(entries, order, kept));
  }
  console.table(listing);
  const reclaim = await measureReclaim(entries);
  console.table(reclaim);
  await using cluster = await BenchCluster.start(
    Number(values['client-port']),
    Number(values['member-port']),
  );
  const measuring = measureOthers(cluster, entries, Number(values.seconds));
  const others = await Promise.race([measuring, cluster.lost]);
  console.table(others);
  process.stdout.write(`${JSON.stringify({ listing, reclaim, others })}\n`);
}

await main();
