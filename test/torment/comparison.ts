import { setTimeout as pause } from 'node:timers/promises';
import type { NamespaceClient } from 'inode-app';
import type { Contents, Found } from './tormented-storage.js';
import type { Unit } from './unit.js';
import { asFound, isCode } from './unit.js';
import { differenceFrom, isWithin, type TreeFound } from './unit-state.js';

const POLL_MS = 200;
/** For how long what was begun may be under way after all is well again, milliseconds. */
const SETTLE_MS = 180_000;
/** Differences that are told of one mount. */
const MAX_TOLD = 20;

/** Waits until nothing is under way in storages; what still is after a long time, in words. */
export async function settled(client: NamespaceClient): Promise<readonly string[]> {
  const untilMs = performance.now() + SETTLE_MS;
  for (;;) {
    const left = await stillUnderWay(client).catch((error: unknown) => [String(error)]);
    if (left.length === 0) return [];
    if (performance.now() > untilMs) return left.map((line) => `is still under way: ${line}`);
    await pause(POLL_MS);
  }
}

async function stillUnderWay(client: NamespaceClient): Promise<readonly string[]> {
  const [mounts, locks] = [await client.mounts(), await client.locks()];
  return [
    ...mounts.flatMap(({ path, condition }) =>
      (condition?.underWay ?? []).map((line) => `${path}: ${line}`),
    ),
    ...locks.map(({ kind, path, state }) => `lock: ${state} ${kind} ${path}`),
  ];
}

/** What the tree has at and below a path, as it is known. */
export async function treeContents(
  client: NamespaceClient,
  path: string,
): Promise<ReadonlyMap<string, TreeFound>> {
  const contents = new Map<string, TreeFound>();
  const directories = [''];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    const at = directory === '' ? path : `${path}/${directory}`;
    for await (const { name, ...entry } of client.list(at, { syncIntervalMs: -1 })) {
      const within = directory === '' ? name : `${directory}/${name}`;
      contents.set(within, asFound({ ...entry }));
      if (entry.type === 'directory') directories.push(within);
    }
  }
  return contents;
}

/** How a tree and its storage differ, in words. A file that is not completed has any content, or none. */
export function differences(
  mounted: string,
  tree: ReadonlyMap<string, TreeFound>,
  storage: Contents,
): readonly string[] {
  const found: string[] = [];
  for (const path of new Set([...tree.keys(), ...storage.keys()])) {
    const [inTree, inStorage] = [tree.get(path), storage.get(path)];
    if (inTree === inStorage || (inTree === 'open' && inStorage !== 'directory')) continue;
    found.push(`${mounted}/${path} is ${inTree} in the tree and ${inStorage} in the storage`);
  }
  const more = found.length - MAX_TOLD;
  return more > 0 ? [...found.slice(0, MAX_TOLD), `and ${more} more`] : found;
}

/** How units are otherwise than their clients were told, in words. */
export function unitFaults(
  mounted: string,
  units: readonly Unit[],
  tree: ReadonlyMap<string, TreeFound>,
  storage: Contents,
): readonly string[] {
  return units.flatMap(({ path, possible, lastChanges }) => {
    const unit = path.slice(mounted.length + 1);
    const [inTree, inStorage] = [within(tree, unit), within(storage, unit)];
    if (inTree === undefined || inStorage === undefined) return [`${path} is lost`];
    const faults = possible.map((state) => differenceFrom(state, inTree, inStorage));
    if (faults.includes(undefined)) return [];
    return [`${path}: ${faults.join('; or ')}; last came ${lastChanges.join('; ')}`];
  });
}

/** Undefined where there is no such directory. */
function within<Each extends Found | TreeFound>(
  all: ReadonlyMap<string, Each>,
  directory: string,
): ReadonlyMap<string, Each> | undefined {
  if (all.get(directory) !== 'directory') return undefined;
  return new Map(
    [...all]
      .filter(([path]) => path !== directory && isWithin(path, directory))
      .map(([path, found]) => [path.slice(directory.length + 1), found]),
  );
}

/** Looks into all of a mount, as often as that is refused for a while. */
export async function syncedAll(client: NamespaceClient, mounted: string): Promise<void> {
  const untilMs = performance.now() + SETTLE_MS;
  for (;;) {
    try {
      await client.sync(mounted, { recursive: true });
      return;
    } catch (error) {
      const again = isCode(error, 'STORAGE_UNREACHABLE') || isCode(error, 'MOUNT_BUSY');
      if (!again || performance.now() > untilMs) throw error;
      await pause(POLL_MS);
    }
  }
}
