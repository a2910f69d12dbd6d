import { unknownNames } from '@raft-ts/net/options';
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

/** The bytes of a path; throws PATH_INVALID for what is no text, or stands for no bytes. */
export function pathFromText(path: unknown): ByteString {
  return textBytes('PATH_INVALID', 'a path', path);
}

/** The bytes of an attribute or target; throws ATTRIBUTE_INVALID likewise. */
export function bytesFromText(text: unknown, what: string): ByteString {
  return textBytes('ATTRIBUTE_INVALID', what, text);
}

function textBytes(
  code: 'PATH_INVALID' | 'ATTRIBUTE_INVALID',
  what: string,
  text: unknown,
): ByteString {
  if (typeof text !== 'string') {
    throw new InodeAppError(code, `${what} must be text, not ${kindOf(text)}`);
  }
  const bytes = byteStringFromText(text);
  if (bytes !== undefined) return bytes;
  const message = `${what} holds NUL or a lone surrogate that stands for no byte`;
  throw new InodeAppError(code, message, code === 'PATH_INVALID' ? { path: text } : {});
}

/** Throws ATTRIBUTE_INVALID for values of a wrong type; limits are not checked here. */
export function attributesFromText(attributes: unknown = {}): NewAttributes {
  if (typeof attributes !== 'object' || attributes === null) {
    throw attributeInvalid(`attributes must be an object, not ${kindOf(attributes)}`);
  }
  const given = (field: keyof Attributes): unknown => Reflect.get(attributes, field);
  const taken: Required<NewAttributes> = {
    mode: givenNumber('mode', given('mode')),
    owner: givenText('owner', given('owner')),
    group: givenText('group', given('group')),
    size: givenNumber('size', given('size')),
    modifiedMs: givenNumber('modifiedMs', given('modifiedMs')),
    accessedMs: givenNumber('accessedMs', given('accessedMs')),
  };
  const [unknown] = unknownNames(attributes, Object.keys(taken), 'attributes.');
  if (unknown !== undefined) throw attributeInvalid(unknown);
  return taken;
}

function givenText(what: string, value: unknown): ByteString | undefined {
  return value === undefined ? undefined : bytesFromText(value, what);
}

function givenNumber(what: string, value: unknown): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  throw attributeInvalid(`${what} must be a number, not ${kindOf(value)}`);
}

function attributeInvalid(message: string): InodeAppError {
  return new InodeAppError('ATTRIBUTE_INVALID', message);
}

/** What kind of value it is, in a word: not every value can be made text. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
