import type { Clock, WireValue } from '@raft-ts/net';
import type { SnapshotBlock } from 'raft-ts';
import { ByteReader } from './byte-reader.js';
import { END_OF_RECORDS, encodeRecords, incomplete, recordsBeforeEnd } from './records.js';
import { Turns } from './turns.js';

/*
 * What a snapshot of a state in memory holds: records (`records.ts`) with a format number and the
 * framework's rows, `[key, value]`, their end, and all that the state machine gave.
 */

const FORMAT = 1;
/** Bytes that a state machine is given at a time. */
const PIECE_BYTES = 64 * 1024;

/** A row of the framework, its key a character a byte. */
export type NamedRow = readonly [name: string, value: Uint8Array];

/** The beginning of a snapshot, before what the state machine gives. */
export async function* encodeRows(
  rows: Iterable<NamedRow>,
): AsyncGenerator<Uint8Array, void, void> {
  yield* encodeRecords(rowRecords(rows));
  yield END_OF_RECORDS;
}

function* rowRecords(rows: Iterable<NamedRow>): Generator<WireValue, void, void> {
  yield FORMAT;
  for (const [name, value] of rows) yield [Buffer.from(name, 'latin1'), value];
}

/** A state as it is read: the framework's rows, then what the state machine gave. */
export interface StateReading {
  readonly rows: AsyncIterable<NamedRow>;
  /** To be read once all rows were. */
  readonly rest: () => AsyncIterable<Uint8Array>;
}

/** Throws SNAPSHOT_INCOMPLETE for what `encodeRows` has not begun. */
export function readState(
  blocks: AsyncIterable<SnapshotBlock>,
  clock: Pick<Clock, 'monotonicMs' | 'afterInput'>,
): StateReading {
  const reader = new ByteReader(pieces(blocks, new Turns(clock)));
  return { rows: readRows(reader), rest: () => reader.rest() };
}

async function* pieces(
  blocks: AsyncIterable<SnapshotBlock>,
  turns: Turns,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const { payload } of blocks) {
    for (let at = 0; at < payload.byteLength; at += PIECE_BYTES) {
      yield payload.subarray(at, at + PIECE_BYTES);
      await turns.pass();
    }
  }
}

async function* readRows(reader: ByteReader): AsyncGenerator<NamedRow, void, void> {
  const records = recordsBeforeEnd(reader);
  const { value: format } = await records.next();
  if (format !== FORMAT) throw incomplete(`its format is ${String(format)}, not ${FORMAT}`);
  for await (const record of records) {
    const [key, value]: readonly WireValue[] = Array.isArray(record) ? record : [];
    if (!(key instanceof Uint8Array) || !(value instanceof Uint8Array)) {
      throw incomplete('a row of the framework is none');
    }
    yield [Buffer.from(key).toString('latin1'), value];
  }
}
