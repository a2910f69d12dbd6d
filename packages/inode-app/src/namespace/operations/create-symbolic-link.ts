import { encodeAttributes, parseAttributes } from '../tree/attribute-codec.js';
import { type NewAttributes, targetValid } from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import {
  type Attributes,
  attributesFromText,
  bytesFromText,
  pathFromText,
} from '../tree/text-to-bytes.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import { addEntry } from './add-entry.js';
import type { TextOperationDefinition } from './operation.js';

export interface CreateSymbolicLink {
  readonly kind: 'symlink';
  readonly path: ByteString;
  readonly target: ByteString;
  readonly attributes: NewAttributes;
}

export interface CreateSymbolicLinkText {
  readonly kind: 'symlink';
  readonly path: string;
  readonly target: string;
  readonly attributes?: Attributes;
}

/** Makes a symbolic link. Its target is kept as it is given and need not exist. */
export const createSymbolicLink: TextOperationDefinition<
  CreateSymbolicLink,
  CreateSymbolicLinkText
> = {
  kind: 'symlink',
  number: 3,
  encode: ({ path, target, attributes }) => [3, path, target, encodeAttributes(attributes)],
  parse(wire) {
    const [, path, target, attributes] = wireArray(wire, 4, 4, 'a symlink');
    return {
      kind: 'symlink',
      path: wireBytes(path, 'path'),
      target: wireBytes(target, 'target'),
      attributes: parseAttributes(attributes),
    };
  },
  paths: ({ path }) => [path],
  fromText: ({ path, target, attributes }) => ({
    kind: 'symlink',
    path: pathFromText(path),
    target: bytesFromText('target', target),
    attributes: attributesFromText(attributes),
  }),
  apply(store, { path, target, attributes }, timeMs) {
    if (!targetValid(target)) return failure('ATTRIBUTE_INVALID', path);
    const defaults = { type: InodeType.SymbolicLink, mode: 0o777, size: target.length, target };
    return addEntry(store, path, defaults, attributes, timeMs);
  },
};
