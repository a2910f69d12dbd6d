import { PATH } from '../message-form.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import {
  WireError,
  wireArray,
  wireBytes,
  wireInteger,
  wireNumber,
  wireText,
} from '../wire-fields.js';
import { defineQuery } from './query.js';

/** Where the content of a file is. */
export interface ContentLocation {
  readonly kind: string;
  /** A path on every machine that reaches the storage, or a URL. */
  readonly location: ByteString;
  /** Of a URL: the method of the request. */
  readonly method: string | undefined;
  /** Milliseconds for which it is good; undefined: for ever. */
  readonly validMs: number | undefined;
  /** As far as the tree knows. */
  readonly size: number;
  readonly fingerprint: ByteString;
}

export function encodeLocation(found: ContentLocation) {
  const { kind, location, method, validMs, size, fingerprint } = found;
  return [kind, location, method ?? null, validMs ?? null, size, fingerprint] as const;
}

const FIELDS = {
  path: PATH,
  purpose: {
    parse(wire: unknown): 'read' | 'write' {
      if (wire === 'read' || wire === 'write') return wire;
      throw new WireError('purpose must be read or write');
    },
    encode: (purpose: 'read' | 'write') => purpose,
    fromText: (purpose: 'read' | 'write') => purpose,
  },
};

/** Where the content of a file in a mount is read, or that of an incomplete one written. */
export const locateContent = defineQuery('location', 6, FIELDS, {
  paths: ({ path }) => [path],
  /** Whoever knows storages answers it before it comes here. */
  answer: (
    _store,
    { path },
  ): readonly [ReturnType<typeof encodeLocation>] | ReturnType<typeof failure> =>
    failure('NOT_MOUNTED', path),
  parseAnswer(_query, answer): ContentLocation {
    const [found] = wireArray(answer, 1, 1, 'an answer to location');
    const [kind, location, method, validMs, size, fingerprint] = wireArray(
      found,
      6,
      6,
      'a location',
    );
    return {
      kind: wireText(kind, 'kind'),
      location: wireBytes(location, 'location'),
      method: method === null ? undefined : wireText(method, 'method'),
      validMs: validMs === null ? undefined : wireNumber(validMs, 'validMs'),
      size: wireInteger(size, 0, Number.MAX_SAFE_INTEGER, 'size'),
      fingerprint: wireBytes(fingerprint, 'fingerprint'),
    };
  },
});
