import type { InodeStore } from '../tree/inode-store.js';
import { createFile } from './add-entry.js';
import { createSymbolicLink } from './create-symbolic-link.js';
import { makeDirectory } from './make-directory.js';
import type { Operation, OperationResult } from './operation.js';
import { reclaim } from './reclaim.js';
import { remove } from './remove.js';
import { rename } from './rename.js';
import { setAttribute } from './set-attribute.js';

/**
 * Carries out one operation, wholly or not at all. Deterministic: the same tree, operation and
 * `timeMs` (the log entry's wall clock) give the same tree and result everywhere.
 */
export function applyOperation(
  store: InodeStore,
  operation: Operation,
  timeMs: number,
): OperationResult {
  switch (operation.kind) {
    case 'create':
      return createFile(store, operation.path, operation.attributes, timeMs);
    case 'mkdir':
      return makeDirectory(store, operation.path, operation.parents, operation.attributes, timeMs);
    case 'symlink': {
      const { path, target, attributes } = operation;
      return createSymbolicLink(store, path, target, attributes, timeMs);
    }
    case 'rename':
      return rename(store, operation.source, operation.destination, timeMs);
    case 'delete':
      return remove(store, operation.path, operation.recursive, timeMs);
    case 'setAttribute':
      return setAttribute(store, operation.path, operation.attributes, timeMs);
    case 'reclaim':
      reclaim(store, operation.maxEntries);
      return 0;
  }
}
