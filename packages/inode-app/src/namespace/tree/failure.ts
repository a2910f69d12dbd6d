import type { NamespaceErrorCode } from '../../errors.js';
import { MAX_PATH_BYTES } from '../limits.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import { type ByteString, sliceBytes } from './byte-string.js';

/** A refusal, as it goes over the wire. */
export type Failure = readonly [code: NamespaceErrorCode, path: ByteString];

/** A refusal; a path that is too long is cut to what a path may have. */
export function failure(code: NamespaceErrorCode, path: ByteString): Failure {
  return [code, path.length > MAX_PATH_BYTES ? sliceBytes(path, 0, MAX_PATH_BYTES) : path];
}

/** Tells a refusal from what was found. */
export function isFailure(found: object | Failure): found is Failure {
  return Array.isArray(found);
}

/** Takes a refusal from a member; throws WireError. Only a later version may know its code. */
export function parseFailure(value: unknown): Failure {
  const [code, path] = wireArray(value, 2, 2, 'a refusal');
  return [wireBytes(code, 'code') as NamespaceErrorCode, wireBytes(path, 'path')];
}
