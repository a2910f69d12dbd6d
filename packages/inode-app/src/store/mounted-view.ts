import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import { prefetchPaths } from './prefetch.js';
import type { TreeStore } from './tree-store.js';

/** A store as mounts see it. */
export function mountedView(store: TreeStore): MountedTree {
  return {
    mounts: store.mounts,
    get: (edge) => store.get(edge),
    directoryAt: (path) => store.directoryAt(path),
    noteDirectory: (path, edge) => store.noteDirectory(path, edge),
    prefetch: (paths, signal) => prefetchPaths(store, paths, signal),
    fetch: (edges, signal) => store.fetch(edges, signal),
    listEntries: (id, after, limit, signal) => store.listEntries(id, after, limit, signal),
  };
}
