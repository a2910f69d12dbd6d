import { fuzzBytes } from '@raft-ts/fuzz';
import { systemClock, type WireValue } from '@raft-ts/net';
import type { SnapshotBlock } from 'raft-ts';
import { expect, it } from 'vitest';
import { StateMachineError } from '../errors.js';
import { decodeRecords, encodeRecords } from './records.js';
import { encodeRows, type NamedRow, readState } from './state-chunks.js';

/** Shorter than what is decoded: it comes in pieces. */
const CHUNK_BYTES = 50;

const isRefusal = (error: unknown) =>
  error instanceof StateMachineError && error.code === 'SNAPSHOT_INCOMPLETE';

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await allOf(chunks));
}

async function* cut(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    yield bytes.subarray(at, at + CHUNK_BYTES);
  }
}

/** As a snapshot's blocks, of which the payload alone is looked at. */
async function* blocks(bytes: Buffer): AsyncGenerator<SnapshotBlock, void, void> {
  for await (const payload of cut(bytes)) {
    const end = { blocks: 1, rows: 0, bytes: 0, digest: payload, offset: 0 };
    yield { number: 1, rows: 0, payload, frame: payload, end };
  }
}

it('in-memory-states', async () => {
  const read = async (bytes: Buffer) => {
    const { rows, rest } = readState(blocks(bytes), systemClock);
    return { rows: await allOf(rows), rest: await bytesOf(rest()) };
  };
  const rows: readonly NamedRow[] = [
    ['a\u00ff', Buffer.from('one')],
    ['', Buffer.alloc(0)],
    ['session', Buffer.alloc(120, 7)],
  ];
  const states = [rows, rows.slice(0, 1), []].map(async (some, i) =>
    Buffer.concat([await bytesOf(encodeRows(some)), Buffer.alloc(40 * i, 'state')]),
  );
  const report = await fuzzBytes({
    name: 'in-memory-states',
    corpus: await Promise.all(states),
    decode: read,
    isRefusal,
    check: (decoded, bytes) => {
      const state = decoded as Awaited<ReturnType<typeof read>>;
      // What the machine gave stands at the end, as it is.
      expect(bytes.subarray(bytes.byteLength - state.rest.byteLength).equals(state.rest)).toBe(
        true,
      );
      for (const [name, value] of state.rows) {
        expect(typeof name).toBe('string');
        expect(value).toBeInstanceOf(Uint8Array);
      }
    },
  });
  console.log(report.line);
});

it('records', async () => {
  const corpora: readonly (readonly WireValue[])[] = [
    [['key', 1], null, 'x'.repeat(300)],
    [Buffer.alloc(90), [[1.5, true], { field: 'value' }]],
    [],
  ];
  const report = await fuzzBytes({
    name: 'records',
    corpus: await Promise.all(corpora.map((records) => bytesOf(encodeRecords(records)))),
    decode: async (bytes) => {
      const records = await allOf(decodeRecords(cut(bytes)));
      // A value may be encoded in more than one way: what counts is that it means the same again.
      const again = await allOf(decodeRecords(cut(await bytesOf(encodeRecords(records)))));
      return { records, again };
    },
    isRefusal,
    check: (decoded) => {
      const { records, again } = decoded as { records: WireValue[]; again: WireValue[] };
      expect(again).toEqual(records);
    },
  });
  console.log(report.line);
});
