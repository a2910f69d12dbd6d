import { isMemberId, MAX_MEMBER_ID, type MemberId } from '../log/entry.js';

/** Bytes that should hold a record of a membership do not. */
export class MembershipDamaged extends Error {
  override readonly name = 'MembershipDamaged';
}

/** A JSON object with all of the fields that it was asked to have, and no others. */
export type JsonObject = Readonly<Record<string, unknown>>;

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new MembershipDamaged(
      `no JSON in UTF-8: ${error instanceof Error ? error.message : error}`,
    );
  }
}

export function toJson(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function check(condition: boolean, name: string, wanted: string): asserts condition {
  if (!condition) throw new MembershipDamaged(`${name} must be ${wanted}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` as an object with every one of `fields`, possibly some of `optional`, nothing else. */
export function readObject(
  value: unknown,
  name: string,
  fields: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  check(isObject(value), name, 'an object');
  for (const field of fields) check(Object.hasOwn(value, field), `${name}.${field}`, 'there');
  for (const field of Object.keys(value)) {
    const known = fields.includes(field) || optional.includes(field);
    check(known, `${name}.${field}`, 'absent');
  }
  return value;
}

/** Reads what stands under `name`; throws MembershipDamaged. */
export type Reader<T> = (value: unknown, name: string) => T;

/** How each field of an object is read. */
export type FieldReaders<T> = { readonly [Field in keyof T]: Reader<T[Field]> };

/** `value` as an object with exactly the fields that `readers` names. */
export function readFields<T>(value: unknown, name: string, readers: FieldReaders<T>): T {
  const fields = Object.entries<Reader<unknown>>(readers);
  const object = readObject(
    value,
    name,
    fields.map(([field]) => field),
  );
  const read = fields.map(([field, reader]) => [field, reader(object[field], `${name}.${field}`)]);
  return Object.fromEntries(read) as T;
}

/**
 * `bytes` as a record, without the number with which every record begins: it says how to read the
 * rest.
 */
export function readRecord(bytes: Uint8Array, name: string, format: number): JsonObject {
  const value = parseJson(bytes);
  check(isObject(value), name, 'an object');
  check(value.format === format, `${name}.format`, `${format}, which is what this version reads`);
  const { format: _format, ...record } = value;
  return record;
}

export function readArray<T>(value: unknown, name: string, readItem: Reader<T>): readonly T[] {
  check(Array.isArray(value), name, 'a list');
  return value.map((item, i) => readItem(item, `${name}[${i}]`));
}

/** A string that UTF-8 can carry. */
export function readString(value: unknown, name: string): string {
  check(typeof value === 'string' && value.isWellFormed(), name, 'a string');
  return value;
}

export function readBoolean(value: unknown, name: string): boolean {
  check(typeof value === 'boolean', name, 'true or false');
  return value;
}

export function readOneOf<T extends string>(
  value: unknown,
  name: string,
  choices: readonly T[],
): T {
  const choice = choices.find((candidate) => candidate === value);
  check(choice !== undefined, name, `one of ${choices.join(', ')}`);
  return choice;
}

export function readCount(value: unknown, name: string): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  check(isCount, name, 'a whole number from 0');
  return value;
}

export function readMemberId(value: unknown, name: string): MemberId {
  const id = readCount(value, name);
  check(isMemberId(id), name, `a member id from 1 to ${MAX_MEMBER_ID}`);
  return id;
}

export function readMemberIds(value: unknown, name: string): readonly MemberId[] {
  return readArray(value, name, readMemberId);
}

/** A value for each of some members. */
export function readByMember<T>(
  value: unknown,
  name: string,
  readItem: Reader<T>,
): Readonly<Record<MemberId, T>> {
  check(isObject(value), name, 'an object');
  const read: Record<MemberId, T> = {};
  for (const [key, item] of Object.entries(value)) {
    check(/^[1-9]\d{0,9}$/.test(key), `${name}.${key}`, 'under a member id');
    read[readMemberId(Number(key), `${name}.${key}`)] = readItem(item, `${name}.${key}`);
  }
  return read;
}
