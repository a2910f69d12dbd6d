import { wireArray, wireBytes, wireNumber } from '../wire-fields.js';
import { type NewAttributes, NO_ATTRIBUTES } from './attributes.js';
import type { ByteString } from './byte-string.js';
import { ATTRIBUTE_FIELDS } from './inode.js';

/**
 * Wire form of `NewAttributes`: its fields in the order of `ATTRIBUTE_FIELDS`, with null for what
 * is not given, cut behind the last one given.
 */
export type WireAttributes = readonly (number | ByteString | null)[];

export function encodeAttributes(attributes: NewAttributes): WireAttributes {
  const given = ATTRIBUTE_FIELDS.findLastIndex((field) => attributes[field] !== undefined) + 1;
  return ATTRIBUTE_FIELDS.slice(0, given).map((field) => attributes[field] ?? null);
}

/** Throws WireError for anything else than the wire form; limits are not checked here. */
export function parseAttributes(value: unknown): NewAttributes {
  const fields = wireArray(value, 0, ATTRIBUTE_FIELDS.length, 'attributes');
  if (fields.length === 0) return NO_ATTRIBUTES;
  return {
    mode: optionalNumber(fields[0], 'mode'),
    owner: optionalBytes(fields[1], 'owner'),
    group: optionalBytes(fields[2], 'group'),
    size: optionalNumber(fields[3], 'size'),
    modifiedMs: optionalNumber(fields[4], 'modifiedMs'),
    accessedMs: optionalNumber(fields[5], 'accessedMs'),
  };
}

function optionalNumber(value: unknown, what: string): number | undefined {
  return value === undefined || value === null ? undefined : wireNumber(value, what);
}

function optionalBytes(value: unknown, what: string): ByteString | undefined {
  return value === undefined || value === null ? undefined : wireBytes(value, what);
}
