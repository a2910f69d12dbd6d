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
  const end = path.lastIndexOf('/');
  const known = end === 0 ? ROOT_EDGE : store.directoryAt(sliceBytes(path, 0, end));
  return known === undefined
    ? firstUnknownFrom(store, ROOT_EDGE, path, 1)
    : firstUnknownFrom(store, known, path, end + 1);
}

/** The same from a directory's edge on; the rest of the path begins at `start`. */
function firstUnknownFrom(
  store: TreeStore,
  directory: EdgeKey,
  path: ByteString,
  start: number,
): EdgeKey | undefined {
  let edge = directory;
  let position = start;
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
 * Brings the edges of all paths in these commands into memory, level by level, one batched read a
 * level for all of them together. Undefined when they are there.
 */
export function prefetchCommands(
  store: TreeStore,
  commands: readonly NamespaceCommand[],
): Promise<void> | undefined {
  const unknown = unknownEdges(store, commands);
  const reclaimed = entriesToReclaim(store, commands);
  if (unknown === undefined && reclaimed === 0) return undefined;
  return prefetchRest(store, commands, unknown ?? [], reclaimed);
}

async function prefetchRest(
  store: TreeStore,
  commands: readonly NamespaceCommand[],
  unknown: readonly EdgeKey[],
  reclaimed: number,
): Promise<void> {
  if (reclaimed > 0) await store.warmTrash(reclaimed);
  let edges: readonly EdgeKey[] | undefined = unknown;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (edges === undefined || edges.length === 0) return;
    await store.fetch(edges);
    edges = unknownEdges(store, commands);
  }
}

/** Brings the edges of one path into memory; undefined when they are there. */
export function prefetchPath(
  store: TreeStore,
  path: ByteString,
  signal: AbortSignal | undefined,
): Promise<void> | undefined {
  const edge = firstUnknown(store, path);
  return edge === undefined ? undefined : prefetchLevels(store, path, edge, signal);
}

async function prefetchLevels(
  store: TreeStore,
  path: ByteString,
  first: EdgeKey,
  signal: AbortSignal | undefined,
): Promise<void> {
  let edge: EdgeKey | undefined = first;
  for (let round = 0; edge !== undefined && round < MAX_ROUNDS; round += 1) {
    await store.fetch([edge], signal);
    edge = firstUnknown(store, path);
  }
}

function unknownEdges(
  store: TreeStore,
  commands: readonly NamespaceCommand[],
): EdgeKey[] | undefined {
  let edges: EdgeKey[] | undefined;
  for (const command of commands) {
    for (const operation of command) {
      for (const path of operationPaths(operation)) {
        const edge = firstUnknown(store, path);
        if (edge === undefined) continue;
        edges ??= [];
        edges.push(edge);
      }
    }
  }
  return edges;
}

function entriesToReclaim(store: TreeStore, commands: readonly NamespaceCommand[]): number {
  if (store.trashEmpty) return 0;
  let entries = 0;
  for (const command of commands) {
    for (const operation of command) entries += operationReclaims(operation);
  }
  return entries;
}
