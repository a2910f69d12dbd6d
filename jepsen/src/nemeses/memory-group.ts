import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JepsenError } from '../errors.js';
import type { Hold } from './holds/hold.js';

/** How the two generations of control groups name things. */
interface Hierarchy {
  readonly root: string;
  readonly limit: string;
  readonly usage: string;
}

const HIERARCHIES: readonly Hierarchy[] = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
  },
  { root: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current' },
];

const PREFIX = 'jepsen-memory-';

let groups = 0;

/** Why no process can be limited here; undefined: they can. Removes what dead runs left behind. */
export async function memoryGroupsUnavailable(): Promise<string | undefined> {
  try {
    const hierarchy = await findHierarchy();
    await removeLeftBehind(hierarchy.root);
    return undefined;
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}

/** Has a process take so much more memory than it has, and no more; until the hold is released. */
export async function createMemoryGroup(processId: number, moreBytes: number): Promise<Hold> {
  const { root, limit, usage } = await findHierarchy();
  const group = join(root, `${PREFIX}${process.pid}-${groups++}`);
  await mkdir(group);
  const hold = { release: () => removeGroup(root, group) };
  try {
    await writeFile(join(group, 'cgroup.procs'), String(processId));
    // What it had before is counted where it was taken, or here where the kernel moves the charge.
    const usedBytes = Number(await readFile(join(group, usage), 'utf8'));
    await writeFile(join(group, limit), String(usedBytes + moreBytes));
    return hold;
  } catch (failure) {
    await hold.release();
    throw new JepsenError('NEMESIS_UNAVAILABLE', `memory can't be limited: ${String(failure)}`);
  }
}

async function findHierarchy(): Promise<Hierarchy> {
  for (const hierarchy of HIERARCHIES) {
    const probe = join(hierarchy.root, `${PREFIX}${process.pid}-probe-${groups++}`);
    try {
      await mkdir(probe);
    } catch {
      continue;
    }
    const isLimited = await access(join(probe, hierarchy.limit)).then(
      () => true,
      () => false,
    );
    await rmdir(probe);
    if (isLimited) return hierarchy;
  }
  const message = 'no control group for memory can be made: that takes root, and Linux';
  throw new JepsenError('NEMESIS_UNAVAILABLE', message);
}

/** Who is in it goes on without it. */
async function removeGroup(root: string, group: string): Promise<void> {
  const ids = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  for (const id of ids.split('\n').filter((line) => line !== '')) {
    // A process may have ended meanwhile.
    await writeFile(join(root, 'cgroup.procs'), id).catch(() => undefined);
  }
  await rmdir(group);
}

async function removeLeftBehind(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(PREFIX)) continue;
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    const lives = await access(`/proc/${owner}`).then(
      () => true,
      () => false,
    );
    if (!lives) await removeGroup(root, join(root, name)).catch(() => undefined);
  }
}
