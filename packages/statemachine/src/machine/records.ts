import { decodeValue, encodeValue, type WireValue } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import { ByteReader } from './byte-reader.js';

/*
 * Records in chunks of bytes, however those are cut: length of the value (4, big endian), value in
 * MessagePack.
 */

const LENGTH_BYTES = 4;
/** A chunk is full before the record that would make it longer; a longer record goes alone. */
const CHUNK_BYTES = 64 * 1024;

/** What stands where a length could, and is none: the end of records that something else follows. */
export const END_OF_RECORDS: Uint8Array = new Uint8Array(LENGTH_BYTES);

/**
 * Values as the chunks of a snapshot: for `InMemoryStateMachine.snapshot`. They are taken from `records`
 * chunk by chunk, so those have to be of one moment, as `SnapshotMap.moment` gives them.
 */
export async function* encodeRecords(
  records: Iterable<WireValue>,
): AsyncGenerator<Uint8Array, void, void> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = 0;
  for (const record of records) {
    const value = encodeValue(record);
    const length = LENGTH_BYTES + value.byteLength;
    if (at + length > chunk.byteLength) {
      if (at > 0) yield chunk.subarray(0, at);
      chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length));
      at = 0;
    }
    at = chunk.writeUInt32BE(value.byteLength, at);
    chunk.set(value, at);
    at += value.byteLength;
  }
  if (at > 0) yield chunk.subarray(0, at);
}

/** What `encodeRecords` was given, for `restore`. Throws SNAPSHOT_INCOMPLETE for anything else. */
export async function* decodeRecords(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<WireValue, void, void> {
  const reader = new ByteReader(chunks);
  while (reader.available > 0 || (await reader.fill(1))) {
    const length = await lengthOfNext(reader);
    if (length === 0) throw incomplete('a record has no bytes');
    yield await nextRecord(reader, length);
  }
}

/** Those up to END_OF_RECORDS; what follows is left to be read. */
export async function* recordsBeforeEnd(reader: ByteReader): AsyncGenerator<WireValue, void, void> {
  for (;;) {
    const length = await lengthOfNext(reader);
    if (length === 0) return;
    yield await nextRecord(reader, length);
  }
}

async function lengthOfNext(reader: ByteReader): Promise<number> {
  await fill(reader, LENGTH_BYTES);
  return reader.take(LENGTH_BYTES).readUInt32BE();
}

async function nextRecord(reader: ByteReader, length: number): Promise<WireValue> {
  await fill(reader, length);
  try {
    return decodeValue(reader.take(length));
  } catch (cause) {
    throw incomplete('a record is no value', cause);
  }
}

async function fill(reader: ByteReader, bytes: number): Promise<void> {
  if (reader.available >= bytes || (await reader.fill(bytes))) return;
  throw incomplete('it ends within a record');
}

export function incomplete(what: string, cause?: unknown): StateMachineError {
  return new StateMachineError(
    'SNAPSHOT_INCOMPLETE',
    `the state can't be read from the snapshot: ${what}. Another version has written it, or something else`,
    { cause },
  );
}
