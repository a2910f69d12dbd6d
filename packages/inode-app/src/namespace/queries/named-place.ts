import { OPTIONS, PROFILE, URI } from '../mounts/mount-fields.js';
import type { ByteString } from '../tree/byte-string.js';
import { type Failure, failure } from '../tree/failure.js';
import { ROOT_PATH } from '../tree/path.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import { defineQuery } from './query.js';

/** A place in a storage, as a mount has it. */
export interface NamedPlace {
  readonly uri: ByteString;
  readonly place: ByteString;
}

/** What a URI names, as its driver understands it, once the storage has been reached there. */
export const namedPlace = defineQuery(
  'namedPlace',
  8,
  { uri: URI, profile: PROFILE, options: OPTIONS },
  {
    paths: () => [],
    /** Whoever knows storages answers it before it comes here. */
    answer: (): readonly [readonly [uri: ByteString, place: ByteString]] | Failure =>
      failure('STORAGE_INVALID', ROOT_PATH),
    parseAnswer(_query, answer): NamedPlace {
      const [named] = wireArray(answer, 1, 1, 'an answer to namedPlace');
      const [uri, place] = wireArray(named, 2, 2, 'a place');
      return { uri: wireBytes(uri, 'uri'), place: wireBytes(place, 'place') };
    },
  },
);
