import { BYTES, OPTIONAL_ATTRIBUTES, PATH } from '../message-form.js';
import { targetValid } from '../tree/attributes.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import { addEntry } from './add-entry.js';
import { defineOperation } from './operation.js';

const FIELDS = { path: PATH, target: BYTES, attributes: OPTIONAL_ATTRIBUTES };

/** Makes a symbolic link. Its target is kept as it is given and need not exist. */
export const createSymbolicLink = defineOperation('symlink', 3, FIELDS, {
  paths: ({ path }) => [path],
  intended: () => undefined,
  apply(store, { path, target, attributes }, timeMs) {
    if (!targetValid(target)) return failure('ATTRIBUTE_INVALID', path);
    const defaults = { type: InodeType.SymbolicLink, mode: 0o777, size: target.length, target };
    return addEntry(store, path, defaults, attributes, timeMs);
  },
});
