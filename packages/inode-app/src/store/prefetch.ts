import { MAX_PATH_BYTES } from '../namespace/limits.js';
import {
  type NamespaceCommand,
  operationPaths,
  operationReclaims,
} from '../namespace/operations/operation-table.js';
import { type ByteString, sliceBytes } from '../namespace/tree/byte-string.js';
import { type EdgeKey, edgeKey, ROOT_EDGE } from '../namespace/tree/edge.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { TreeStore } from './tree-store.js';

/**
 * Rounds of reading ahead at most. A round brings in one more level of every path; what is not
 * there after so many is left to synchronous reads.
 */
const MAX_ROUNDS = 64;

/** The first edge along a path that memory knows nothing about, where the path needs it. */
function firstUnknown(store: TreeStore, path: ByteString): EdgeKey | undefined {
  if (path.length > MAX_PATH_BYTES || !path.startsWith('/')) return undefined;
  const lastName = path.lastIndexOf('/') + 1;
  const known = store.directoryAt(sliceBytes(path, 0, lastName - 1));
  let edge = known ?? ROOT_EDGE;
  let position = known === undefined ? 1 : lastName;
  for (;;) {
    const presence = store.peek(edge);
    if (presence === undefined) return edge;
    if (presence === false || presence.type !== InodeType.Directory) return undefined;
    if (position >= path.length) return undefined;
    const slash = path.indexOf('/', position);
    const end = slash < 0 ? path.length : slash;
    if (store.excludes(presence.id, path, position, end)) return undefined;
    edge = edgeKey(presence.id, sliceBytes(path, position, end));
    position = end + 1;
  }
}

/**
 * Brings what these commands touch into memory: the edges of their paths, and the trash. Undefined
 * when it is there.
 */
export function prefetchCommands(
  store: TreeStore,
  commands: readonly NamespaceCommand[],
): Promise<void> | undefined {
  const paths: ByteString[] = [];
  let reclaims = 0;
  for (const command of commands) {
    for (const operation of command) {
      for (const path of operationPaths(operation)) paths.push(path);
      reclaims += operationReclaims(operation);
    }
  }
  if (reclaims === 0 || store.trashEmpty) return prefetchPaths(store, paths);
  return store.warmTrash(reclaims).then(() => prefetchPaths(store, paths));
}

/**
 * Brings the edges of these paths into memory, level by level, one batched read a level for all of
 * them together. Undefined when they are there.
 */
export function prefetchPaths(
  store: TreeStore,
  paths: readonly ByteString[],
  signal?: AbortSignal,
): Promise<void> | undefined {
  const edges = unknownEdges(store, paths);
  return edges.length === 0 ? undefined : prefetchLevels(store, paths, edges, signal);
}

async function prefetchLevels(
  store: TreeStore,
  paths: readonly ByteString[],
  first: readonly EdgeKey[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let edges = first;
  for (let round = 0; edges.length > 0 && round < MAX_ROUNDS; round += 1) {
    await store.fetch(edges, signal);
    edges = unknownEdges(store, paths);
  }
}

function unknownEdges(store: TreeStore, paths: readonly ByteString[]): readonly EdgeKey[] {
  const edges: EdgeKey[] = [];
  for (const path of paths) {
    const edge = firstUnknown(store, path);
    if (edge !== undefined) edges.push(edge);
  }
  return edges;
}
