import { Packr } from 'msgpackr';
import type { WireValue } from '../machine/durable-state-machine.js';

// Plain MessagePack, without msgpackr's records, so that any implementation can read it. Bytes
// are copied out: a small result must not keep the whole entry it came with in memory.
const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });

/** Arrays and objects inside each other; deeper ones are refused at the door. */
export const MAX_VALUE_DEPTH = 64;

/** Throws a RangeError or TypeError for what MessagePack can't carry. */
export function encodeValue(value: WireValue): Uint8Array {
  return packr.pack(value);
}

/** Throws an Error when `bytes` is not exactly one MessagePack value. */
export function decodeValue(bytes: Uint8Array): WireValue {
  return packr.unpack(bytes);
}

/**
 * Whether a value stays within the nesting that every member can decode: one that only just
 * fits on the leader's stack must not come into the log.
 */
export function isShallow(value: WireValue, depth: number = MAX_VALUE_DEPTH): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  if (depth === 0) return false;
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const child of children) {
    if (typeof child === 'object' && !isShallow(child, depth - 1)) return false;
  }
  return true;
}
