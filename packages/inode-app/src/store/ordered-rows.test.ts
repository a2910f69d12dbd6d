import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryRows } from './memory-rows.js';
import type { OrderedRows, Row } from './ordered-rows.js';
import { openRocksRows } from './rocksdb-rows.js';

const key = fc.uint8Array({ minLength: 1, maxLength: 3 });
const write = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 4 })) });
const batches = fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 6 });

function writeAll(rows: OrderedRows, writes: readonly (readonly WriteOf[])[]): void {
  const batch = rows.batch();
  for (const group of writes) {
    batch.clear();
    for (const { key, value } of group) {
      if (value === null) batch.delete(key);
      else batch.put(key, value);
    }
    batch.write({ sync: false });
  }
}

interface WriteOf {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

async function read(rows: OrderedRows, gte: Uint8Array, lt: Uint8Array, sync: boolean) {
  const range = rows.range({ gte, lt, pageRows: 2 });
  const found: Row[] = [];
  while (!range.finished) found.push(...(sync ? range.nextPageSync() : await range.nextPage()));
  range.close();
  return found.map((row) => [row.key.toString('hex'), row.value.toString('hex')]);
}

describe('rows in memory', () => {
  it('are as rows in RocksDB', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ordered-rows-'));
    try {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(batches, key, key, async (writes, gte, lt) => {
          fc.pre(Buffer.compare(gte, lt) < 0);
          run += 1;
          await using rocks = await openRocksRows({ directory: join(directory, `${run}`) });
          const memory = new MemoryRows();
          writeAll(memory, writes);
          writeAll(rocks, writes);
          const keys = writes.flat().map((each) => each.key);
          if (keys.length > 0) {
            expect(memory.getManySync(keys)).toEqual(rocks.getManySync(keys));
            expect(await memory.getMany(keys)).toEqual(await rocks.getMany(keys));
          }
          for (const sync of [true, false]) {
            expect(await read(memory, gte, lt, sync)).toEqual(await read(rocks, gte, lt, sync));
          }
        }),
        { numRuns: 20 },
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('after a crash are those of the batches that survived', () => {
    fc.assert(
      fc.property(batches, batches, fc.nat(6), (flushed, lost, survivors) => {
        const rows = new MemoryRows();
        writeAll(rows, flushed);
        rows.flush();
        writeAll(rows, lost);
        rows.crash(survivors);
        const expected = new MemoryRows();
        writeAll(expected, [...flushed, ...lost.slice(0, survivors)]);
        expect(rows.dump()).toEqual(expected.dump());
      }),
    );
  });
});
