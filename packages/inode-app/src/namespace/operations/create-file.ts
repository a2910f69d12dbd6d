import { encodeAttributes, parseAttributes } from '../tree/attribute-codec.js';
import type { InodeDefaults, NewAttributes } from '../tree/attributes.js';
import { type ByteString, NO_BYTES } from '../tree/byte-string.js';
import { InodeType } from '../tree/inode.js';
import { type Attributes, attributesFromText, pathFromText } from '../tree/text-to-bytes.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import { addEntry } from './add-entry.js';
import type { TextOperationDefinition } from './operation.js';

const FILE: InodeDefaults = { type: InodeType.File, mode: 0o644, size: 0, target: NO_BYTES };

export interface CreateFile {
  readonly kind: 'create';
  readonly path: ByteString;
  readonly attributes: NewAttributes;
}

export interface CreateFileText {
  readonly kind: 'create';
  readonly path: string;
  readonly attributes?: Attributes;
}

/** Makes a file. Never replaces anything. */
export const createFile: TextOperationDefinition<CreateFile, CreateFileText> = {
  kind: 'create',
  number: 2,
  encode: ({ path, attributes }) => [2, path, encodeAttributes(attributes)],
  parse(wire) {
    const [, path, attributes] = wireArray(wire, 3, 3, 'a create');
    return {
      kind: 'create',
      path: wireBytes(path, 'path'),
      attributes: parseAttributes(attributes),
    };
  },
  paths: ({ path }) => [path],
  fromText: ({ path, attributes }) => ({
    kind: 'create',
    path: pathFromText(path),
    attributes: attributesFromText(attributes),
  }),
  apply: (store, { path, attributes }, timeMs) => addEntry(store, path, FILE, attributes, timeMs),
};
