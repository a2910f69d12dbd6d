import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InodeType } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { MAX_INODE_ROW_BYTES, readInode, writeInode } from './inode-row.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';

const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.constantFrom(0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1),
);
const time = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.constantFrom(0, 8.64e15, -8.64e15, 1.7e12),
);
const bytes = (maxLength: number) =>
  fc.uint8Array({ minLength: 1, maxLength }).map((array) => Buffer.from(array).toString('latin1'));

const record: fc.Arbitrary<InodeRecord> = fc
  .record({
    id: whole,
    type: fc.constantFrom(InodeType.Directory, InodeType.File, InodeType.SymbolicLink),
    mode: fc.nat(0o7777),
    owner: bytes(255),
    group: bytes(255),
    size: whole,
    modifiedMs: time,
    accessedMs: time,
    target: bytes(4096),
    children: whole,
  })
  .map((inode) => ({
    ...inode,
    target: inode.type === InodeType.SymbolicLink ? inode.target : '',
    children: inode.type === InodeType.Directory ? inode.children : 0,
  }));

describe("an inode's row", () => {
  const writer = new RowWriter(MAX_INODE_ROW_BYTES);
  const reader = new RowReader();

  it('gives back what was written', () => {
    fc.assert(
      fc.property(record, (inode) => {
        expect(readInode(reader, Buffer.from(writeInode(writer, inode)))).toEqual(inode);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when it is cut short, goes on, or has another format', () => {
    fc.assert(
      fc.property(record, fc.nat(10_000), (inode, cut) => {
        const row = Buffer.from(writeInode(writer, inode));
        const short = row.subarray(0, cut % row.length);
        const corrupt = expect.objectContaining({ code: 'DATA_CORRUPT' });
        expect(() => readInode(reader, short)).toThrow(corrupt);
        expect(() => readInode(reader, Buffer.concat([row, Buffer.of(0)]))).toThrow(corrupt);
        row[0] = 0xff;
        expect(() => readInode(reader, row)).toThrow(
          expect.objectContaining({ code: 'DATA_FOREIGN' }),
        );
      }),
    );
  });

  it('of a usual file takes few bytes', () => {
    const inode: InodeRecord = {
      id: 1_000_000,
      type: InodeType.File,
      mode: 0o644,
      owner: 'root',
      group: 'root',
      size: 4096,
      modifiedMs: 1_700_000_000_000,
      accessedMs: 1_700_000_000_000,
      target: '',
      children: 0,
    };
    expect(writeInode(writer, inode).length).toBeLessThanOrEqual(26);
  });
});
