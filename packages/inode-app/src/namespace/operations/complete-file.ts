import { MAX_FINGERPRINT_BYTES } from '../limits.js';
import { BYTES, type Field, PATH, WHOLE } from '../message-form.js';
import { NO_CHANGE } from '../mounts/intent.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { WireError, wireBytes } from '../wire-fields.js';
import { defineOperation } from './operation.js';

const FINGERPRINT: Field<ByteString, string> = {
  ...BYTES,
  parse(wire, what) {
    const fingerprint = wireBytes(wire, what);
    if (fingerprint.length <= MAX_FINGERPRINT_BYTES) return fingerprint;
    throw new WireError(`${what} must have at most ${MAX_FINGERPRINT_BYTES} bytes`);
  },
};

const FIELDS = {
  path: PATH,
  /** Bytes of the content. */
  size: WHOLE,
  /** As the storage tells it of the content; empty: whatever it is. */
  fingerprint: FINGERPRINT,
};

/** Says that the content of a file in a mount was written; it has to be there, as it is said to be. */
export const completeFile = defineOperation('complete', 8, FIELDS, {
  paths: ({ path }) => [path],
  intended: ({ path, size, fingerprint }) => ({
    ...NO_CHANGE,
    kind: 'complete',
    path,
    size,
    fingerprint,
  }),
  // In a mount it never comes here; elsewhere nobody else knows of a content.
  apply: (_store, { path }) => failure('NOT_MOUNTED', path),
});
