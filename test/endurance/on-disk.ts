import type { ChangingCluster } from '../integration/changing-cluster.js';
import { type CommandResult, runCommand } from '../integration/running-cluster.js';

interface Checked {
  readonly appliedIndex: number;
  readonly digest: string;
}

/** Makes a backup of the running cluster, and rejects unless it is sound. */
export async function backedUp(cluster: ChangingCluster, file: string): Promise<void> {
  expectDone('backup', await cluster.run('backup', '--force', file, '--json'));
  expectDone('fsck', await runCommand(['fsck', file, '--json']));
}

/**
 * What is not as it has to be in the directories of members that have ended; undefined where one of them has
 * applied more, so that what they hold can't be compared.
 */
export async function faultsOnDisk(
  cluster: ChangingCluster,
  ids: readonly number[],
): Promise<readonly string[] | undefined> {
  const faults: string[] = [];
  const digests = new Map<string, number>();
  const indexes = new Set<number>();
  for (const id of ids) {
    const { code, stdout, stderr } = await runCommand(['fsck', cluster.data(id), '--json']);
    if (code !== 0) {
      faults.push(`fsck of member ${id} ended with ${code}: ${stderr}${stdout}`);
      continue;
    }
    const { appliedIndex, digest } = JSON.parse(stdout) as Checked;
    digests.set(`${digest} as of ${appliedIndex}`, id);
    indexes.add(appliedIndex);
  }
  if (faults.length === 0 && indexes.size > 1) return undefined;
  if (digests.size > 1) {
    faults.push(`members hold different states: ${JSON.stringify([...digests])}`);
  }
  return faults;
}

function expectDone(command: string, { code, stdout, stderr }: CommandResult): void {
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}${stdout}`);
}
