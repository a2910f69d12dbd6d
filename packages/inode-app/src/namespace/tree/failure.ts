import type { NamespaceErrorCode } from '../../errors.js';
import { MAX_CODE_BYTES, MAX_DETAIL_CHARACTERS, MAX_PATH_BYTES } from '../limits.js';
import { WireError, wireArray, wireBytes } from '../wire-fields.js';
import { type ByteString, sliceBytes } from './byte-string.js';

/** A refusal, as it goes over the wire; `detail`: what its code does not say, as text for people. */
export type Failure = readonly [code: NamespaceErrorCode, path: ByteString, detail?: string];

/** A refusal; a path that is too long is cut to what a path may have. */
export function failure(code: NamespaceErrorCode, path: ByteString, detail?: string): Failure {
  const cut = path.length > MAX_PATH_BYTES ? sliceBytes(path, 0, MAX_PATH_BYTES) : path;
  if (detail === undefined) return [code, cut];
  // Half a character is none on the wire or in a row, and would be another one there.
  return [code, cut, detail.slice(0, MAX_DETAIL_CHARACTERS).toWellFormed()];
}

/** Tells a refusal from what was found. */
export function isFailure(found: object | Failure): found is Failure {
  return Array.isArray(found);
}

/** Takes a refusal from a member; throws WireError. Only a later version may know its code. */
export function parseFailure(value: unknown): Failure {
  const [code, path, detail] = wireArray(value, 2, 3, 'a refusal');
  const known = wireBytes(code, 'code') as NamespaceErrorCode;
  if (known.length > MAX_CODE_BYTES) throw new WireError(`a code of ${known.length} bytes`);
  return failure(known, wireBytes(path, 'path'), parseDetail(detail));
}

function parseDetail(detail: unknown): string | undefined {
  if (detail === undefined || typeof detail === 'string') return detail;
  throw new WireError('the detail of a refusal must be text');
}
