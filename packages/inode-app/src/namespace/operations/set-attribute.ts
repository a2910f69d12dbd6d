import { encodeAttributes, parseAttributes } from '../tree/attribute-codec.js';
import { attributesValid, type NewAttributes, withAttributes } from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { type Attributes, attributesFromText, pathFromText } from '../tree/text-to-bytes.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import type { TextOperationDefinition } from './operation.js';

export interface SetAttribute {
  readonly kind: 'setAttribute';
  readonly path: ByteString;
  readonly attributes: NewAttributes;
}

export interface SetAttributeText {
  readonly kind: 'setAttribute';
  readonly path: string;
  readonly attributes: Attributes;
}

/** Changes the attributes that are given, of an inode of any type, the root included. */
export const setAttribute: TextOperationDefinition<SetAttribute, SetAttributeText> = {
  kind: 'setAttribute',
  number: 6,
  encode: ({ path, attributes }) => [6, path, encodeAttributes(attributes)],
  parse(wire) {
    const [, path, attributes] = wireArray(wire, 3, 3, 'a setAttribute');
    return {
      kind: 'setAttribute',
      path: wireBytes(path, 'path'),
      attributes: parseAttributes(attributes),
    };
  },
  paths: ({ path }) => [path],
  fromText: ({ path, attributes }) => ({
    kind: 'setAttribute',
    path: pathFromText(path),
    attributes: attributesFromText(attributes),
  }),
  apply(store, { path, attributes }, timeMs) {
    if (!attributesValid(attributes)) return failure('ATTRIBUTE_INVALID', path);
    const place = walkPath(store, path);
    if (!(place instanceof Place)) return place;
    if (place.inode === undefined) return failure('NOT_FOUND', path);
    store.put(place.edge, withAttributes(place.inode, attributes, timeMs));
    return place.inode.id;
  },
};
