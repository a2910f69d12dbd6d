import { systemClock, type WireValue } from '@raft-ts/net';
import { assert, asyncProperty, integer, tuple } from 'fast-check';
import type { SnapshotBlock } from 'raft-ts';
import { describe, expect, it } from 'vitest';
import { encodeRecords } from './records.js';
import { encodeRows, type NamedRow, readState } from './state-chunks.js';

const ROWS: readonly NamedRow[] = [
  ['a\u00ff', Buffer.from('one')],
  ['b', Buffer.alloc(300, 7)],
];
const MACHINES = Buffer.alloc(200_000, 'state');

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return Buffer.concat(found);
}

/** As a snapshot's blocks, of which the payload alone is looked at. */
async function* blocks(bytes: Buffer, length = 1_000): AsyncGenerator<SnapshotBlock> {
  for (let at = 0; at < bytes.byteLength; at += length) {
    const payload = bytes.subarray(at, at + length);
    const end = { blocks: 1, rows: 0, bytes: 0, digest: payload, offset: 0 };
    yield { number: 1, rows: 0, payload, frame: payload, end };
  }
}

async function read(bytes: Buffer, length?: number) {
  const { rows, rest } = readState(blocks(bytes, length), systemClock);
  const found: NamedRow[] = [];
  for await (const row of rows) found.push(row);
  return { rows: found, rest: await bytesOf(rest()) };
}

describe('a state in a snapshot', () => {
  it('comes back as rows and what the machine gave, however it was cut', async () => {
    const bytes = Buffer.concat([await bytesOf(encodeRows(ROWS)), MACHINES]);
    for (const length of [1, 7, 70_000, 1_000_000]) {
      const { rows, rest } = await read(bytes.subarray(0, length < 10 ? 1_000 : undefined), length);
      expect(rows.map(([name, value]) => [name, Buffer.from(value)])).toEqual(ROWS);
      expect(MACHINES.subarray(0, rest.byteLength).equals(rest)).toBe(true);
    }
    expect(await read(await bytesOf(encodeRows([])))).toEqual({ rows: [], rest: Buffer.alloc(0) });
  });

  it('that is altered or cut is refused, or is another one', async () => {
    const whole = await bytesOf(encodeRows(ROWS));
    const at = integer({ min: 0, max: whole.byteLength - 1 });
    const change = tuple(at, integer({ min: 0, max: 255 }), at);
    const holds = asyncProperty(change, async ([at, byte, length]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      await expectRefusal(bytes, false);
      await expectRefusal(whole.subarray(0, length), true);
    });
    await assert(holds, { numRuns: 500 });
  });

  it('of another format or without rows is refused', async () => {
    const none: readonly WireValue[][] = [[2], [1, ['key', Buffer.from('no bytes')]], [1, null]];
    for (const records of none) {
      const end = Buffer.alloc(4);
      await expectRefusal(Buffer.concat([await bytesOf(encodeRecords(records)), end]), true);
    }
  });
});

async function expectRefusal(bytes: Buffer, always: boolean): Promise<void> {
  const reading = read(bytes);
  if (always) await expect(reading).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPLETE' });
  else {
    await reading.catch((error: unknown) =>
      expect(error).toMatchObject({ code: 'SNAPSHOT_INCOMPLETE' }),
    );
  }
}
