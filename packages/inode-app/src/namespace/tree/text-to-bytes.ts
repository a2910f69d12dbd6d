import { InodeAppError } from '../../errors.js';
import type { NewAttributes } from './attributes.js';
import { type ByteString, byteStringFromText } from './byte-string.js';

/** Attributes to give; what is left out gets its default, or stays as it is. */
export interface Attributes {
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: number;
  /** 1 to 255 bytes. */
  readonly owner?: string;
  readonly group?: string;
  /** Bytes: 0 to 2^53 - 1. */
  readonly size?: number;
  /** Whole milliseconds since 1970, at most 8.64e15 before or after. */
  readonly modifiedMs?: number;
  readonly accessedMs?: number;
}

/** The bytes of a path; throws PATH_INVALID for text that stands for none. */
export function pathFromText(path: string): ByteString {
  return byteStringFromText(path) ?? noBytes('PATH_INVALID', 'a path', path);
}

/** The bytes of an attribute or target; throws ATTRIBUTE_INVALID for text that stands for none. */
export function bytesFromText(text: string, what: string): ByteString {
  return byteStringFromText(text) ?? noBytes('ATTRIBUTE_INVALID', what);
}

function noBytes(code: 'PATH_INVALID' | 'ATTRIBUTE_INVALID', what: string, path?: string): never {
  const message = `${what} holds NUL or a lone surrogate that stands for no byte`;
  throw new InodeAppError(code, message, { path });
}

/** Throws ATTRIBUTE_INVALID; limits are not checked here. */
export function attributesFromText(attributes: Attributes = {}): NewAttributes {
  const { owner, group, ...numbers } = attributes;
  return {
    ...numbers,
    owner: owner === undefined ? undefined : bytesFromText(owner, 'owner'),
    group: group === undefined ? undefined : bytesFromText(group, 'group'),
  };
}
