/*
 * Rows in the payload of a block, one behind the other: length of the key, length of the value, key,
 * value. Lengths are of 7 bits a byte, the lowest first, with the top bit in all but the last.
 */

const MAX_LENGTH_BYTES = 4;
/** Of a key or a value. */
export const MAX_ROW_PART_BYTES: number = 2 ** (7 * MAX_LENGTH_BYTES) - 1;

export interface SnapshotRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

function lengthBytes(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x4000) return 2;
  return length < 0x20_0000 ? 3 : 4;
}

/** Bytes that a row takes. */
export function rowBytes({ key, value }: SnapshotRow): number {
  const { byteLength: keyBytes } = key;
  const { byteLength: valueBytes } = value;
  return lengthBytes(keyBytes) + lengthBytes(valueBytes) + keyBytes + valueBytes;
}

/** Returns where the next row begins. There must be room for it. */
export function putRow(target: Buffer, offset: number, { key, value }: SnapshotRow): number {
  let at = putLength(target, offset, key.byteLength);
  at = putLength(target, at, value.byteLength);
  target.set(key, at);
  at += key.byteLength;
  target.set(value, at);
  return at + value.byteLength;
}

function putLength(target: Buffer, offset: number, length: number): number {
  let at = offset;
  let rest = length;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/**
 * Calls `take` for each row of a payload. False when it is not `rows` of them: then no, some or all
 * were handed out. Keys and values are views of the payload.
 */
export function takeRows(
  payload: Buffer,
  rows: number,
  take: (key: Buffer, value: Buffer) => void,
): boolean {
  const { byteLength } = payload;
  let at = 0;
  const length = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
      // Behind the end: undefined, and so the end of a length of 0.
      const byte = payload[at++] ?? 0;
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  for (let row = 0; row < rows; row++) {
    if (at >= byteLength) return false;
    const keyBytes = length();
    const valueBytes = length();
    const valueAt = at + keyBytes;
    const end = valueAt + valueBytes;
    // Also false for NaN.
    if (!(end <= byteLength)) return false;
    take(payload.subarray(at, valueAt), payload.subarray(valueAt, end));
    at = end;
  }
  return at === byteLength;
}
