import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClusterStatus, readClusterStatus } from 'inode-app';
import { ChangingCluster } from '../integration/changing-cluster.js';
import { Random } from '../simulation/random.js';
import { Events } from './events.js';
import { Load } from './load.js';
import { backedUp, faultsOnDisk } from './on-disk.js';
import { type EnduranceOptions, HELP, parseOptions } from './options.js';

const MIB = 1024 * 1024;
const STATUS_MS = 2_000;
/** Killed so often, all have the last entry once. */
const MAX_COMPARISONS = 20;
const POLL_MS = 100;
/** Between two events, milliseconds, on average. */
const MEAN_PAUSE_MS = 3_000;

interface Report {
  readonly seed: number;
  readonly minutes: number;
  readonly operations: number;
  readonly events: Readonly<Record<string, number>>;
  readonly longestWithoutProgressMs: number;
  readonly files: number;
  readonly members: number;
  readonly maxRssMiB: number;
  readonly maxLogMiB: number;
  readonly faults: readonly string[];
}

/** What was the most of any member at any look. */
class Extremes {
  rssBytes = 0;
  logBytes = 0;

  see({ members }: ClusterStatus): void {
    for (const { rssBytes, logBytes } of members) {
      this.rssBytes = Math.max(this.rssBytes, rssBytes ?? 0);
      this.logBytes = Math.max(this.logBytes, logBytes ?? 0);
    }
  }
}

/** Resolves when all of these hold the same, and nothing is under way any more. */
async function settled(cluster: ChangingCluster, voters: readonly number[]): Promise<void> {
  let before = '';
  for (;;) {
    const { members } = await readClusterStatus(cluster.clientAddresses, STATUS_MS);
    const applied = voters.map((id) => members.find((member) => member.id === id)?.applied ?? -1);
    const now = `${applied}`;
    const same = !applied.includes(-1) && new Set(applied).size === 1;
    if (same && now === before) return;
    before = same ? now : '';
    await pause(POLL_MS);
  }
}

/** Members write an entry by themselves now and then, and may be killed before all of them have it. */
async function faultsAtOneIndex(
  cluster: ChangingCluster,
  voters: readonly number[],
): Promise<readonly string[]> {
  for (let times = 0; times < MAX_COMPARISONS; times++) {
    await Promise.all(voters.map((id) => cluster.kill(id)));
    const faults = await faultsOnDisk(cluster, voters);
    if (faults !== undefined) return faults;
    await Promise.all(voters.map((id) => cluster.startAgain(id)));
    await settled(cluster, voters);
  }
  return [`in ${MAX_COMPARISONS} tries the members were never killed as of one entry`];
}

async function endure(
  { minutes, seed, clients, logLimit }: EnduranceOptions,
  directory: string,
  tell: (line: string) => void,
): Promise<Report> {
  const random = new Random(seed);
  const extremes = new Extremes();
  await using cluster = new ChangingCluster(directory, ['--log-limit', `${logLimit}`]);
  const backup = () => backedUp(cluster, join(directory, 'backup'));
  const events = new Events({ cluster, random, pause, backup });
  await events.begin();
  const load = new Load(clients, cluster.clientAddresses);
  const broken = load.ended.then(() => {
    throw new Error('the load ended by itself');
  });
  broken.catch(() => {});
  const untilMs = performance.now() + minutes * 60_000;
  while (performance.now() < untilMs) {
    const name = await Promise.race([events.next(), broken]);
    const { operations, longestMs } = load.progress;
    tell(`${name}: ${operations} operations, longest pause ${Math.round(longestMs)} ms`);
    extremes.see(await readClusterStatus(cluster.clientAddresses, STATUS_MS));
    await pause(random.exponential(MEAN_PAUSE_MS));
  }
  await load.end();
  const faults = [...(await load.faults())];
  const { voters } = events;
  await settled(cluster, voters);
  await load.close();
  faults.push(...(await faultsAtOneIndex(cluster, voters)));
  return {
    seed,
    minutes,
    operations: load.progress.operations,
    events: Object.fromEntries([...events.counts].sort()),
    longestWithoutProgressMs: Math.round(load.progress.longestMs),
    files: load.files,
    members: voters.length,
    maxRssMiB: Math.round(extremes.rssBytes / MIB),
    maxLogMiB: Math.round(extremes.logBytes / MIB),
    faults,
  };
}

async function main(args: readonly string[]): Promise<number> {
  let options: EnduranceOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { json, seed } = options;
  const tell = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`);
  };
  tell(`seed ${seed}`);
  const directory = await mkdtemp(join(tmpdir(), 'endurance-'));
  try {
    const report = await endure(options, directory, tell);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (report.faults.length > 0) tell(`what the members hold is left in ${directory}`);
    else await rm(directory, { recursive: true });
    return report.faults.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`what the members hold is left in ${directory}\n`);
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
