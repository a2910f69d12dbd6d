import { userInfo } from 'node:os';
import type { Cluster } from '../cluster/cluster.js';
import type { DiskKind } from '../cluster/disk/member-disk.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import type { Nemesis } from '../nemeses/nemesis.js';
import { Random } from '../random.js';
import type { TestPlan } from './test-plan.js';

/** Faults of disks that lose power; those that draw one of these among others, too. */
const NEED_DEVICES: ReadonlySet<string> = new Set(['power-loss', 'disk']);
const NEED_FILE_SYSTEMS: ReadonlySet<string> = new Set(['disk-full']);

/** Makes the cluster that a plan asks for, with its files in this directory; no member runs yet. */
export function startCluster(
  { suite, members, network, nemeses, seed, patienceMs }: TestPlan,
  directory: string,
  signal: AbortSignal,
): Promise<Cluster> {
  const disks = disksFor(nemeses);
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
  return LocalCluster.open(options, signal);
}

/** Plain directories where nothing else is needed, or none can be mounted: the nemeses say what they miss then. */
function disksFor(nemeses: readonly Nemesis[]): DiskKind {
  if (userInfo().uid !== 0) return 'directories';
  if (nemeses.some(({ name }) => NEED_DEVICES.has(name))) return 'devices';
  return nemeses.some(({ name }) => NEED_FILE_SYSTEMS.has(name)) ? 'memory' : 'directories';
}
