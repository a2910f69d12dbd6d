import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ActedOnCluster, OperatorAction } from '../../cluster/database.js';
import type { MemberPlace } from '../../cluster/member.js';
import { untilDone } from '../until-done.js';
import { clientAddress, PROGRAM } from './program.js';

/** Seconds, of each command. */
const TIMEOUT_SECONDS = 10;

/** For a master to be a voter again, whatever else strikes meanwhile. */
const RESTORING_MS = 40_000;
const NEVER = new AbortController().signal;

/** What operators do to masters, by the commands that they have for it. */
export const actions: Readonly<Record<string, OperatorAction>> = {
  async transfer(cluster, signal) {
    const { id, name } = pick(cluster, running(cluster));
    await run(cluster, signal, 'members', 'transfer', `${id}`);
    return `the lead was handed to ${name}`;
  },
  async members(cluster, signal) {
    const { id, name } = pick(cluster, cluster.members);
    try {
      await run(cluster, signal, 'members', 'demote', `${id}`);
    } finally {
      // Also where the test ends just now, or nobody knows whether it is a learner: it is to be as it was.
      await untilDone(() => run(cluster, NEVER, 'members', 'promote', `${id}`), RESTORING_MS);
    }
    return `${name} was made a learner, and a voter again`;
  },
  async compact(cluster, signal) {
    const { id, name } = pick(cluster, running(cluster));
    const file = scratchFile(cluster);
    try {
      await run(cluster, signal, 'backup', file, '--from', `${id}`);
    } finally {
      await rm(file, { force: true });
    }
    return `${name} made a snapshot`;
  },
  async backup(cluster, signal) {
    const file = scratchFile(cluster);
    const restored = `${file}-restored`;
    const scratch = ['--scratch', cluster.scratchDirectory] as const;
    const founder = [
      ...['--id', '1', '--cluster-id', 'restored', '--data', restored],
      ...['--members', '1=127.0.0.1:1/127.0.0.1:2/127.0.0.1:3'],
    ];
    try {
      await run(cluster, signal, 'backup', file);
      await runAlone(signal, 'fsck', file, ...scratch);
      await runAlone(signal, 'restore', file, ...founder);
      await runAlone(signal, 'fsck', restored, ...scratch);
    } finally {
      await rm(file, { force: true });
      await rm(restored, { recursive: true, force: true });
    }
    return 'a backup was made, restored, and is sound';
  },
};

function running(cluster: ActedOnCluster): readonly MemberPlace[] {
  return cluster.members.filter(({ id }) => cluster.isRunning(id));
}

function pick(cluster: ActedOnCluster, members: readonly MemberPlace[]): MemberPlace {
  const member = members[Math.floor(cluster.random() * members.length)];
  if (member === undefined) throw new RangeError('no member runs');
  return member;
}

function scratchFile(cluster: ActedOnCluster): string {
  return join(cluster.scratchDirectory, `backup-${Math.floor(cluster.random() * 2 ** 32)}`);
}

async function run(
  cluster: ActedOnCluster,
  signal: AbortSignal,
  ...args: readonly string[]
): Promise<void> {
  const addresses = cluster.members.map(clientAddress).join(',');
  await runAlone(signal, ...args, '--addresses', addresses, '--timeout', `${TIMEOUT_SECONDS}`);
}

/** Rejects with what the command said on standard error. */
async function runAlone(signal: AbortSignal, ...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [PROGRAM, ...args], { signal });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? `${error.stderr}`.trim() : '';
    throw new Error(said === '' ? `${error}` : said, { cause: error });
  }
}
