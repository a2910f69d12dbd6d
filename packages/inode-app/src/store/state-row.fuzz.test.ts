import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { InodeAppError } from '../errors.js';
import { byteString } from '../namespace/tree/byte-string.js';
import type { TrashedDirectory } from '../namespace/tree/inode-store.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';
import { newTreeState, readTreeState, type TreeState, writeTreeState } from './state-row.js';
import { readTrashed, writeTrashed } from './trash-row.js';

const reader = new RowReader();
const writer = new RowWriter(512);
const isRefusal = (error: unknown) =>
  error instanceof InodeAppError && ['DATA_CORRUPT', 'DATA_FOREIGN'].includes(error.code);

it('tree-states', async () => {
  const states: readonly TreeState[] = [
    newTreeState(),
    { appliedIndex: 2 ** 50, nextId: 2 ** 53, counts: [3, 2 ** 40, 5], trashHead: 7, trashTail: 9 },
  ];
  const report = await fuzzBytes({
    name: 'tree-states',
    corpus: states.map((state) => Buffer.from(writeTreeState(writer, state))),
    decode: (bytes) => readTreeState(reader, bytes),
    isRefusal,
    check: (decoded) => {
      const state = decoded as TreeState;
      const again = Buffer.from(writeTreeState(writer, state));
      expect(readTreeState(reader, again)).toEqual(state);
    },
  });
  console.log(report.line);
});

it('trash-rows', async () => {
  const trashed: readonly TrashedDirectory[] = [
    { id: 7, after: byteString('') },
    { id: 2 ** 53 - 1, after: byteString('a name\xff') },
  ];
  const report = await fuzzBytes({
    name: 'trash-rows',
    corpus: trashed.map((one) => Buffer.from(writeTrashed(writer, one))),
    decode: (bytes) => readTrashed(reader, bytes, 2 ** 53),
    isRefusal,
    check: (decoded) => expect((decoded as TrashedDirectory).id).toBeGreaterThanOrEqual(0),
  });
  console.log(report.line);
});
