import type { Cluster } from '../cluster/cluster.js';
import type { DiskKind } from '../cluster/disk/member-disk.js';
import { mountedDisksProblem } from '../cluster/disk/mounted-disks.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import type { Nemesis } from '../nemeses/nemesis.js';
import { Random } from '../random.js';
import type { TestPlan } from './test-plan.js';

/** Faults of disks that lose power; those that draw one of these among others, too. */
const NEED_DEVICES: ReadonlySet<string> = new Set(['power-loss', 'disk']);
const NEED_FILE_SYSTEMS: ReadonlySet<string> = new Set(['disk-full']);

/** Makes the cluster that a plan asks for, with its files in this directory; no member runs yet. */
export async function startCluster(
  { suite, members, network, nemeses, seed, patienceMs }: TestPlan,
  directory: string,
  signal: AbortSignal,
): Promise<Cluster> {
  const disks = await disksFor(nemeses);
  const random = new Random(seed);
  const options = {
    database: suite.database,
    members,
    network,
    directory,
    random,
    disks,
    startTimeoutMs: patienceMs,
  };
  return await LocalCluster.open(options, signal);
}

/** What the faults need, as far as it can be had here: the nemeses say what they miss then. */
async function disksFor(nemeses: readonly Nemesis[]): Promise<DiskKind> {
  const needs = (names: ReadonlySet<string>) => nemeses.some(({ name }) => names.has(name));
  const needsDevices = needs(NEED_DEVICES);
  const kinds: readonly DiskKind[] = [
    ...(needsDevices ? (['devices'] as const) : []),
    ...(needsDevices || needs(NEED_FILE_SYSTEMS) ? (['memory'] as const) : []),
  ];
  for (const kind of kinds) if ((await mountedDisksProblem(kind)) === undefined) return kind;
  return 'directories';
}
