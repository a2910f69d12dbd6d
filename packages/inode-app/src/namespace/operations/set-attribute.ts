import { ATTRIBUTES, PATH } from '../message-form.js';
import { attributesValid, withAttributes } from '../tree/attributes.js';
import { failure } from '../tree/failure.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { defineOperation } from './operation.js';

const FIELDS = { path: PATH, attributes: ATTRIBUTES };

/** Changes the attributes that are given, of an inode of any type, the root included. */
export const setAttribute = defineOperation('setAttribute', 6, FIELDS, {
  paths: ({ path }) => [path],
  intended: () => undefined,
  apply(store, { path, attributes }, timeMs) {
    if (!attributesValid(attributes)) return failure('ATTRIBUTE_INVALID', path);
    const place = walkPath(store, path);
    if (!(place instanceof Place)) return place;
    if (place.inode === undefined) return failure('NOT_FOUND', path);
    store.put(place.edge, withAttributes(place.inode, attributes, timeMs));
    return place.inode.id;
  },
});
