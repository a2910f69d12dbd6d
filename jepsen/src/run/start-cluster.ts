import type { Cluster } from '../cluster/cluster.js';
import type { DiskKind } from '../cluster/disk/member-disk.js';
import { mountedDisksProblem } from '../cluster/disk/mounted-disks.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import { JepsenError } from '../errors.js';
import type { Nemesis } from '../nemeses/nemesis.js';
import { Random } from '../random.js';
import type { TestPlan } from './test-plan.js';

/** The disks that faults need, the best first where several will do. */
const DISKS_OF_FAULTS: Readonly<Record<string, readonly DiskKind[]>> = {
  'power-loss': ['devices'],
  'disk-full': ['memory', 'devices'],
  // Draws one of its faults from those that can be had.
  disk: ['devices', 'memory', 'directories'],
};

const PLAIN: readonly DiskKind[] = ['directories'];

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

/** @throws JepsenError NEMESIS_UNAVAILABLE where one of the faults needs what can't be had here */
async function disksFor(nemeses: readonly Nemesis[]): Promise<DiskKind> {
  const wanted = nemeses.filter(({ name }) => DISKS_OF_FAULTS[name] !== undefined);
  const [first = PLAIN, ...others] = wanted.map(({ name }) => DISKS_OF_FAULTS[name] ?? PLAIN);
  const kinds = first.filter((kind) => others.every((other) => other.includes(kind)));
  const problems: string[] = [];
  for (const kind of kinds) {
    const problem = await mountedDisksProblem(kind);
    if (problem === undefined) return kind;
    problems.push(problem);
  }
  const names = wanted.map(({ name }) => name).join(' and ');
  throw new JepsenError('NEMESIS_UNAVAILABLE', `${names} can't be had: ${problems.join('; ')}`);
}
