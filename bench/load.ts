/**
 * `npm run bench:load`: a tree of this machine, made for the purpose, loaded into a running cluster of three
 * and loaded again; then the same with entries that became of another type, back, and with entries that are
 * gone. Each load that should find nothing to write is held to that: an entry of the log ends the bench. Before
 * it the members get the time to write what they write of their own accord.
 * Prints a row a load and, last, one line of JSON: `{"entries", "firstSeconds", "againSeconds", "ratio"}`, the
 * ratio of the second load's time to the first's.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readClusterStatus } from 'inode-app';
import { COMMAND } from './child.js';
import { BenchCluster } from './cluster.js';

const HELP = `Usage: npm run bench:load -- [options]

Starts three members, loads a tree of this machine into them several times, and stops them.

  --entries N       entries of the tree (default 50000)
  --client-port N   first of three ports for clients (default 6431)
  --member-port N   first of three ports between members (default 6531)
  --help            this text
`;
const FILES_PER_DIRECTORY = 100;
/** Files that become directories, and directories that become files, at most. */
const MAX_CHANGED = 20;
const STATUS_TIMEOUT_MS = 10_000;
/**
 * Members write no entry by themselves any more once there was none for so long: a leader has an entry written
 * to compare states 5 s after the last one, and gives back what was deleted in steps without such a pause.
 */
const QUIET_MS = 12_000;
const LOOK_MS = 500;

/** Of what `inode-app load --json` prints. */
interface Summary {
  readonly entries: number;
  readonly added: number;
  readonly updated: number;
  readonly deleted: number;
  readonly seconds: number;
}

interface Load extends Summary {
  /** Entries of the log that came meanwhile. */
  readonly written: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      entries: { type: 'string', default: '50000' },
      'client-port': { type: 'string', default: '6431' },
      'member-port': { type: 'string', default: '6531' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const tree = await mkdtemp(join(tmpdir(), 'inode-app-bench-tree-'));
  try {
    await using cluster = await BenchCluster.start(
      Number(values['client-port']),
      Number(values['member-port']),
    );
    await Promise.race([
      run(new Loads(tree, cluster.addresses), Number(values.entries)),
      cluster.lost,
    ]);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function run(loads: Loads, entries: number): Promise<void> {
  const directories = Math.ceil(entries / (FILES_PER_DIRECTORY + 1));
  for (let d = 0; d < directories; d += 1) await loads.makeDirectory(d);
  const changed = Math.min(MAX_CHANGED, directories >> 1);
  const first = await loads.load('first');
  const again = await loads.loadUnchanged('again');

  for (let d = 0; d < changed; d += 1) {
    await loads.replace(`d${2 * d}`, 'file');
    await loads.replace(`d${2 * d + 1}/f0`, 'directory');
  }
  await loads.load('types changed');
  await loads.loadUnchanged('again, with --delete', '--delete');
  for (let d = 0; d < changed; d += 1) {
    await loads.replace(`d${2 * d}`, 'directory');
    await loads.makeDirectory(2 * d);
    await loads.replace(`d${2 * d + 1}/f0`, 'file');
  }
  await loads.load('types changed back');
  await loads.loadUnchanged('again, with --delete', '--delete');
  for (let d = 0; d < changed; d += 1) await loads.remove(`d${d}`);
  await loads.load('without some', '--delete');
  await loads.loadUnchanged('again, with --delete', '--delete');

  process.stdout.write(
    `${JSON.stringify({
      entries: first.entries,
      firstSeconds: first.seconds,
      againSeconds: again.seconds,
      ratio: Number((again.seconds / first.seconds).toFixed(2)),
    })}\n`,
  );
}

/** Loads of one tree into one cluster, and changes of that tree. */
class Loads {
  readonly #tree: string;
  readonly #addresses: readonly string[];

  constructor(tree: string, addresses: readonly string[]) {
    this.#tree = tree;
    this.#addresses = addresses;
  }

  /** Loads, and prints what came of it. */
  async load(name: string, ...options: readonly string[]): Promise<Load> {
    const before = await this.#commit();
    const args = ['load', this.#tree, '--into', '/tree', '--json', ...options];
    const child = spawn(
      process.execPath,
      [COMMAND, ...args, '--addresses', this.#addresses.join(',')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const summary = JSON.parse(await text(child.stdout)) as Summary;
    const { entries, added, updated, deleted, seconds } = summary;
    const written = (await this.#commit()) - before;
    process.stdout.write(
      `${name.padEnd(22)} ${seconds.toFixed(2).padStart(6)} s, ${entries} entries: ${added} added, ` +
        `${updated} updated, ${deleted} deleted; log entries: ${written}\n`,
    );
    return { ...summary, written };
  }

  /** Loads what is there already: whatever it changes or writes is an error. */
  async loadUnchanged(name: string, ...options: readonly string[]): Promise<Load> {
    await this.#quiet();
    const load = await this.load(name, ...options);
    const { added, updated, deleted, written } = load;
    if (added + updated + deleted + written === 0) return load;
    throw new Error('a tree that was loaded was written again');
  }

  async makeDirectory(number: number): Promise<void> {
    const directory = join(this.#tree, `d${number}`);
    await mkdir(directory, { recursive: true });
    for (let f = 0; f < FILES_PER_DIRECTORY; f += 1) await writeFile(join(directory, `f${f}`), 'x');
  }

  async replace(path: string, type: 'file' | 'directory'): Promise<void> {
    await this.remove(path);
    if (type === 'file') await writeFile(join(this.#tree, path), 'x');
    else await mkdir(join(this.#tree, path, 'below'), { recursive: true });
  }

  remove(path: string): Promise<void> {
    return rm(join(this.#tree, path), { recursive: true });
  }

  /** Waits until the members write nothing. */
  async #quiet(): Promise<void> {
    let commit = await this.#commit();
    let sinceMs = performance.now();
    while (performance.now() - sinceMs < QUIET_MS) {
      await sleep(LOOK_MS);
      const now = await this.#commit();
      if (now !== commit) sinceMs = performance.now();
      commit = now;
    }
  }

  /** The last index that any member knows to be committed. */
  async #commit(): Promise<number> {
    const { members } = await readClusterStatus(this.#addresses, STATUS_TIMEOUT_MS);
    return Math.max(...members.map(({ commit }) => commit ?? 0));
  }
}

await main();
