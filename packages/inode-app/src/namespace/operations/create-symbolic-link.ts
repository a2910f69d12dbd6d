import { targetValid } from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { InodeType } from '../tree/inode.js';
import type { InodeStore } from '../tree/inode-store.js';
import { failure } from '../tree/path-walk.js';
import { addEntry } from './add-entry.js';
import type { NewAttributes, OperationResult } from './operation.js';

/** Makes a symbolic link. Its target is kept as it is given and need not exist. */
export function createSymbolicLink(
  store: InodeStore,
  path: ByteString,
  target: ByteString,
  attributes: NewAttributes,
  timeMs: number,
): OperationResult {
  if (!targetValid(target)) return failure('ATTRIBUTE_INVALID', path);
  const defaults = { type: InodeType.SymbolicLink, mode: 0o777, size: target.length, target };
  return addEntry(store, path, defaults, attributes, timeMs);
}
