import { NetError } from '../errors.js';

/**
 * Arrays and maps in one another in a value that an application carries in a command, a query or an
 * answer: what a key-value machine is told to put, for instance.
 */
export const MAX_VALUE_DEPTH = 32;

/** In one frame: around the value lie the frame, the request's body, and the command. */
export const MAX_WIRE_DEPTH: number = MAX_VALUE_DEPTH + 3;

/** Per level of nesting: values still to come, and whether they are a map's keys and values. */
const pending = new Float64Array(MAX_WIRE_DEPTH + 1);
const inMap = new Uint8Array(MAX_WIRE_DEPTH + 1);

/**
 * Walks over one MessagePack value without building anything and throws MESSAGE_INVALID unless it
 * is exactly what a WireValue can be: one value that fills `start` to `end`, no extension types,
 * strings as the keys of maps, integers that a number holds, bounded nesting, no array or map
 * longer than the bytes that follow.
 *
 * msgpackr knows extensions that make records, errors, regular expressions, sets and references
 * out of bytes, in a table shared by everybody in the process; they can't be turned off one by one,
 * and its decoding recurses. So nothing from the network reaches it before it has passed here.
 */
export function checkWireValue(bytes: Buffer, start: number, end: number): void {
  let depth = 0;
  let position = start;
  pending[0] = 1;
  inMap[0] = 0;
  for (;;) {
    let left = pending[depth] as number;
    while (left === 0) {
      if (depth === 0) {
        if (position !== end) throw invalid('bytes follow behind the value');
        return;
      }
      left = pending[--depth] as number;
    }
    pending[depth] = left - 1;
    if (position >= end) throw truncated();
    const token = bytes[position++] as number;
    if (inMap[depth] === 1 && left % 2 === 0 && !isString(token)) {
      throw invalid('a key of a map is not a string');
    }
    // Small integers, positive and negative; nil and booleans.
    if (token < 0x80 || token >= 0xe0 || token === 0xc0 || token === 0xc2 || token === 0xc3) {
      continue;
    }
    if (token >= 0xa0 && token < 0xc0) {
      position += token - 0xa0;
    } else if (token < 0xa0 || token >= 0xdc) {
      position += containerHeaderBytes(token);
      if (position > end) throw truncated();
      const isMap = token < 0x90 || token >= 0xde;
      const count = containerCount(bytes, token, position) * (isMap ? 2 : 1);
      if (count > end - position) throw truncated();
      if (++depth > MAX_WIRE_DEPTH) throw invalid(`nested more than ${MAX_WIRE_DEPTH} deep`);
      pending[depth] = count;
      inMap[depth] = isMap ? 1 : 0;
    } else {
      position = skipScalar(bytes, token, position, end);
    }
    if (position > end) throw truncated();
  }
}

function isString(token: number): boolean {
  return (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb);
}

/** Bytes between an array's or map's token and its first value. */
function containerHeaderBytes(token: number): number {
  if (token < 0xa0) return 0;
  return token === 0xdc || token === 0xde ? 2 : 4;
}

/** `position`: behind the header. */
function containerCount(bytes: Buffer, token: number, position: number): number {
  if (token < 0xa0) return token & 0x0f;
  return token === 0xdc || token === 0xde
    ? bytes.readUInt16BE(position - 2)
    : bytes.readUInt32BE(position - 4);
}

/** Returns where the value behind `token` ends; that may be past `end`. */
function skipScalar(bytes: Buffer, token: number, position: number, end: number): number {
  switch (token) {
    case 0xc4: // bytes, by the width of their length
    case 0xd9: // strings, likewise
      return position + 1 + (position + 1 <= end ? (bytes[position] as number) : 0);
    case 0xc5:
    case 0xda:
      return position + 2 + (position + 2 <= end ? bytes.readUInt16BE(position) : 0);
    case 0xc6:
    case 0xdb:
      return position + 4 + (position + 4 <= end ? bytes.readUInt32BE(position) : 0);
    case 0xcc:
    case 0xd0:
      return position + 1;
    case 0xcd:
    case 0xd1:
      return position + 2;
    case 0xca:
    case 0xce:
    case 0xd2:
      return position + 4;
    case 0xcb:
      return position + 8;
    case 0xcf:
      if (position + 8 <= end) checkSafe(bytes.readBigUInt64BE(position));
      return position + 8;
    case 0xd3:
      if (position + 8 <= end) checkSafe(bytes.readBigInt64BE(position));
      return position + 8;
    default:
      throw invalid(`type 0x${token.toString(16)} (an extension or unused) is not accepted`);
  }
}

function checkSafe(value: bigint): void {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
    throw invalid('an integer is beyond 53 bits');
  }
}

/**
 * Throws MESSAGE_INVALID unless `value` is a WireValue that the other side would accept. msgpackr
 * itself makes something of nearly everything: a set becomes an array, a Float64Array other bytes,
 * a function null.
 */
export function checkSendable(value: unknown, depth = 0): void {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return;
    case 'string':
      if (!value.isWellFormed()) throw unsendable('a string with half a surrogate pair');
      return;
    case 'object':
      if (value === null || value instanceof Uint8Array) return;
      if (depth >= MAX_WIRE_DEPTH) throw unsendable(`what is nested over ${MAX_WIRE_DEPTH} deep`);
      if (Array.isArray(value)) for (const item of value) checkSendable(item, depth + 1);
      else checkPlainObject(value, depth);
      return;
    default:
      throw unsendable(`a ${typeof value}`);
  }
}

function checkPlainObject(value: object, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw unsendable(`an instance of ${value.constructor.name}`);
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw unsendable('an object with a key __proto__');
    checkSendable(key, depth);
    checkSendable((value as Readonly<Record<string, unknown>>)[key], depth + 1);
  }
}

function unsendable(what: string): NetError {
  return new NetError(
    'MESSAGE_INVALID',
    `${what} can't be sent: only null, booleans, numbers, strings, bytes, arrays and plain objects`,
  );
}

function truncated(): NetError {
  return invalid('it ends within a value');
}

function invalid(what: string): NetError {
  return new NetError('MESSAGE_INVALID', `no acceptable MessagePack value: ${what}`);
}
