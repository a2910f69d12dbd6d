import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { InodeAppError } from '../errors.js';
import { byteString } from '../namespace/tree/byte-string.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { MAX_INODE_ROW_BYTES, readInode, writeInode } from './inode-row.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';

const reader = new RowReader();
const writer = new RowWriter(MAX_INODE_ROW_BYTES);

const file: InodeRecord = {
  id: 7,
  type: InodeType.File,
  mode: 0o644,
  owner: byteString('ann'),
  group: byteString('staff'),
  size: 2 ** 40,
  modifiedMs: 1.7e12,
  accessedMs: 1.7e12,
  target: byteString(''),
  mounted: undefined,
  children: 0,
};
const inodes: readonly InodeRecord[] = [
  file,
  { ...file, type: InodeType.Directory, children: 300, accessedMs: -8.64e15 },
  {
    ...file,
    type: InodeType.SymbolicLink,
    target: byteString('../\xff'.repeat(50)),
    modifiedMs: -1,
  },
];

it('inode-rows', async () => {
  const report = await fuzzBytes({
    name: 'inode-rows',
    corpus: inodes.map((inode) => Buffer.from(writeInode(writer, inode))),
    decode: (bytes) => readInode(reader, bytes, 2 ** 53),
    isRefusal: (error) =>
      error instanceof InodeAppError && ['DATA_CORRUPT', 'DATA_FOREIGN'].includes(error.code),
    check: (decoded) => {
      const inode = decoded as InodeRecord;
      for (const field of [inode.id, inode.mode, inode.size, inode.modifiedMs, inode.children]) {
        expect(Number.isSafeInteger(field)).toBe(true);
      }
    },
  });
  console.log(report.line);
});
