import { Packr } from 'msgpackr';
import { messagePackOptions } from './message-pack.js';
import type { WireValue } from './wire-value.js';

// Bytes are copied out: a small value must not keep the whole row or entry that it came with.
const packr = new Packr({ ...messagePackOptions, copyBuffers: true });

/** A value as it is stored. The bytes are the caller's. */
export function encodeValue(value: WireValue): Uint8Array {
  return packr.pack(value);
}

/**
 * Reads what `encodeValue` made and something with a checksum has kept; what a stranger sent is
 * for `decodePayload`. Throws an Error when `bytes` is not exactly one MessagePack value.
 */
export function decodeValue(bytes: Uint8Array): WireValue {
  return packr.unpack(bytes);
}
