import { OPTIONAL_ATTRIBUTES, PATH } from '../message-form.js';
import { NO_CHANGE } from '../mounts/intent.js';
import { givesAny, type InodeDefaults } from '../tree/attributes.js';
import { NO_BYTES } from '../tree/byte-string.js';
import { InodeType } from '../tree/inode.js';
import { addEntry } from './add-entry.js';
import { defineOperation } from './operation.js';

const FILE: InodeDefaults = { type: InodeType.File, mode: 0o644, size: 0, target: NO_BYTES };
const FIELDS = { path: PATH, attributes: OPTIONAL_ATTRIBUTES };

/** Makes a file. Never replaces anything. In a mount it is incomplete until `complete` says otherwise. */
export const createFile = defineOperation('create', 2, FIELDS, {
  paths: ({ path }) => [path],
  intended: ({ path, attributes }) =>
    givesAny(attributes) ? undefined : { ...NO_CHANGE, kind: 'create', path },
  apply: (store, { path, attributes }, timeMs) => addEntry(store, path, FILE, attributes, timeMs),
});
