import type { WireValue } from '@raft-ts/net';
import { array, assert, asyncProperty, constant, integer, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecords, encodeRecords } from './records.js';

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** The same bytes in pieces of this length. */
async function* cut(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += length) yield bytes.subarray(at, at + length);
}

const encoded = async (records: Iterable<WireValue>) =>
  Buffer.concat(await allOf(encodeRecords(records)));

describe('records', () => {
  it('come back, however their chunks were cut', async () => {
    const value = oneof(string({ maxLength: 30 }), integer(), constant(null));
    const records = array(oneof(value, array(value)));
    const holds = asyncProperty(records, integer({ min: 1, max: 40 }), async (given, length) => {
      expect(await allOf(decodeRecords(cut(await encoded(given), length)))).toEqual(given);
    });
    await assert(holds, { numRuns: 100 });
  });

  it('are taken a chunk at a time, and a long one goes alone', async () => {
    let taken = 0;
    const records = (function* () {
      for (const length of [40_000, 40_000, 100_000, 10]) {
        taken++;
        yield Buffer.alloc(length);
      }
    })();
    const chunks = encodeRecords(records);
    const first = await chunks.next();
    expect([taken, first.value?.byteLength]).toEqual([2, 40_007]);
    const rest = await allOf(chunks);
    expect(rest.map(({ byteLength }) => byteLength)).toEqual([40_007, 100_009, 16]);
  });

  it('that are cut or none are refused', async () => {
    const bytes = await encoded(['one', 'two']);
    for (const length of [1, 3, 5, bytes.byteLength - 1]) {
      const cutShort = allOf(decodeRecords(cut(bytes.subarray(0, length), 7)));
      await expect(cutShort).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPLETE' });
    }
    for (const none of [Buffer.alloc(4), Buffer.from([0, 0, 0, 2, 1, 1])]) {
      await expect(allOf(decodeRecords(cut(none, 100)))).rejects.toMatchObject({
        code: 'SNAPSHOT_INCOMPLETE',
      });
    }
  });

  it('have these bytes', async () => {
    const bytes = await encoded([['key', 1], null]);
    expect(bytes.toString('hex')).toBe('0000000692a36b65790100000001c0');
  });
});
