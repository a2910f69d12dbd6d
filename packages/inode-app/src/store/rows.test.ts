import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ByteString,
  byteString,
  byteStringOf,
  NO_BYTES,
} from '../namespace/tree/byte-string.js';
import { type EdgeKey, edgeKey } from '../namespace/tree/edge.js';
import { InodeType } from '../namespace/tree/inode.js';
import { type InodeRecord, RECORD_FIELDS } from '../namespace/tree/inode-record.js';
import type { TrashedDirectory } from '../namespace/tree/inode-store.js';
import { CommitStretches } from './commit-stretches.js';
import { MAX_INODE_ROW_BYTES, readInode, writeInode } from './inode-row.js';
import { readLocation, writeLocation } from './location-row.js';
import { frameworkKey, RowKind, STATE_KEY, writeInodeKey, writeNumberedKey } from './row-keys.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';
import { isStartRow, START_ROW } from './start-row.js';
import { readTreeState, type TreeState, writeTreeState } from './state-row.js';
import { readTrashed, writeTrashed } from './trash-row.js';

const writer = new RowWriter(MAX_INODE_ROW_BYTES);
const reader = new RowReader();
const NEXT_ID = 2 ** 53;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const corrupt = expect.objectContaining({ code: 'DATA_CORRUPT' });
const foreign = expect.objectContaining({ code: 'DATA_FOREIGN' });

const FILE: InodeRecord = {
  id: 1_000_000,
  type: InodeType.File,
  mode: 0o644,
  owner: byteString('ann'),
  group: byteString('staff'),
  size: 4096,
  modifiedMs: 1_700_000_000_000,
  accessedMs: 1_700_000_000_001,
  target: NO_BYTES,
  mounted: undefined,
  children: 0,
};
const DIRECTORY: InodeRecord = { ...FILE, type: InodeType.Directory, children: 300 };
const LINK: InodeRecord = { ...FILE, type: InodeType.SymbolicLink, target: byteString('../b\xff') };
const EDGE = edgeKey(2 ** 40 + 5, byteString('name\xff'));

/** A row: what was written, its bytes, and what reads them. */
interface Golden {
  readonly written: unknown;
  readonly bytes: Uint8Array;
  readonly golden: string;
  readonly read: (bytes: Buffer) => unknown;
}

const inode = (written: InodeRecord, golden: string): Golden => ({
  written,
  bytes: Buffer.from(writeInode(writer, written)),
  golden,
  read: (bytes) => readInode(reader, bytes, NEXT_ID),
});
const location = (written: EdgeKey, golden: string): Golden => ({
  written,
  bytes: Buffer.from(writeLocation(writer, written)),
  golden,
  read: readLocation,
});
const trashed = (written: TrashedDirectory, golden: string): Golden => ({
  written,
  bytes: Buffer.from(writeTrashed(writer, written)),
  golden,
  read: (bytes) => readTrashed(reader, bytes, NEXT_ID),
});
const state = (written: TreeState, golden: string): Golden => ({
  written,
  bytes: Buffer.from(writeTreeState(writer, written)),
  golden,
  read: (bytes) => readTreeState(reader, bytes),
});

const goldens: Readonly<Record<string, Golden>> = {
  'a file': inode(FILE, '21c0843da403802080d095ffbc3181d095ffbc3103616e6e057374616666'),
  'a directory': inode(
    DIRECTORY,
    '20c0843da403802080d095ffbc3181d095ffbc3103616e6e057374616666ac02',
  ),
  'a symbolic link': inode(
    LINK,
    '22c0843da403802080d095ffbc3181d095ffbc3103616e6e057374616666052e2e2f62ff',
  ),
  'an inode with equal times': inode(
    { ...FILE, accessedMs: FILE.modifiedMs },
    '31c0843da403802080d095ffbc3103616e6e057374616666',
  ),
  'an inode with equal times before 1970': inode(
    { ...DIRECTORY, modifiedMs: -5, accessedMs: -5 },
    '3cc0843da40380200503616e6e057374616666ac02',
  ),
  'an inode modified before 1970': inode(
    { ...FILE, modifiedMs: -1 },
    '25c0843da40380200181d095ffbc3103616e6e057374616666',
  ),
  'an inode accessed before 1970': inode(
    { ...FILE, accessedMs: -8.64e15 },
    '29c0843da403802080d095ffbc318080f0968cc1ac0f03616e6e057374616666',
  ),
  'a location': location(EDGE, '0100000100000000056e616d65ff'),
  'a directory in the trash': trashed(
    { id: 2 ** 40, after: byteString('a\xff') },
    '018080808080200261ff',
  ),
  'the state': state(
    {
      appliedIndex: 2 ** 40,
      nextId: 2 ** 53,
      counts: [300, 2 ** 33, 5],
      trashHead: 7,
      trashTail: 9,
    },
    '01808080808020ffffffffffffff0fac028080808020050709',
  ),
};

describe('rows', () => {
  it.each(Object.entries(goldens))('%s has these bytes on disk', (_, { bytes, golden }) => {
    expect(hex(bytes)).toBe(golden);
  });

  it.each(Object.entries(goldens))('%s comes back from them', (_, { written, golden, read }) => {
    expect(read(Buffer.from(golden, 'hex'))).toEqual(written);
  });

  it.each(Object.entries(goldens))('%s of another format is refused', (_, { golden, read }) => {
    const bytes = Buffer.from(golden, 'hex');
    bytes[0] = 0xff;
    expect(() => read(bytes)).toThrow(foreign);
  });

  it('with names of full length', () => {
    const longest = byteString('\xff'.repeat(255));
    const link = { ...LINK, owner: longest, group: longest, target: byteString('x'.repeat(4096)) };
    const row = hex(writeInode(writer, link));
    expect(row.length / 2).toBeLessThanOrEqual(MAX_INODE_ROW_BYTES);
    expect(row).toContain(`ff01${'ff'.repeat(255)}ff01${'ff'.repeat(255)}8020${'78'.repeat(4096)}`);
    expect(readInode(reader, Buffer.from(row, 'hex'), NEXT_ID)).toEqual(link);
    const edge = edgeKey(1, longest);
    expect(readLocation(Buffer.from(writeLocation(writer, edge)))).toBe(edge);
  });

  it('have these keys', () => {
    expect(hex(writeInodeKey(writer, EDGE))).toBe('00000100000000056e616d65ff');
    expect(hex(writeNumberedKey(writer, RowKind.Location, 2 ** 40 + 5))).toBe('0100010000000005');
    expect(hex(writeNumberedKey(writer, RowKind.Trash, 9))).toBe('0200000000000009');
    expect(hex(frameworkKey(Buffer.from('key')))).toBe('036b6579');
    expect(hex(STATE_KEY)).toBe('04');
  });

  it('at which scans start are no inode rows', () => {
    expect(hex(START_ROW)).toBe('00');
    expect(isStartRow(START_ROW)).toBe(true);
    expect(() => readInode(reader, Buffer.from(START_ROW), NEXT_ID)).toThrow(foreign);
    for (const record of [FILE, DIRECTORY, LINK]) {
      expect(isStartRow(writeInode(writer, record))).toBe(false);
    }
  });

  it('say which commits are there', () => {
    const stretches = new CommitStretches(2 ** 40 + 4);
    const [key, value] = stretches.row(new RowWriter(8), new RowWriter(8), 2 ** 40 + 300, 1);
    expect([hex(key), hex(value)]).toEqual(['0500010000000005', '01ac8280808020']);
  });
});

const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.constantFrom(0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1),
);
const time = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.constantFrom(0, 8.64e15, -8.64e15, 1.7e12),
);
const anyBytes = (maxLength: number): fc.Arbitrary<ByteString> =>
  fc.uint8Array({ minLength: 1, maxLength }).map((array) => byteStringOf(Buffer.from(array)));

const record: fc.Arbitrary<InodeRecord> = fc
  .record({
    id: whole.map((id) => Math.max(id, 1)),
    type: fc.constantFrom(InodeType.Directory, InodeType.File, InodeType.SymbolicLink),
    mode: fc.nat(0o7777),
    owner: anyBytes(255),
    group: anyBytes(255),
    size: whole,
    modifiedMs: time,
    accessedMs: time,
    target: anyBytes(4096),
    mounted: fc.option(
      fc.record({
        mount: fc.integer({ min: 2, max: 100 }),
        complete: fc.boolean(),
        fingerprint: anyBytes(255),
      }),
      { nil: undefined },
    ),
    children: whole,
  })
  .map((drawn) => ({
    ...drawn,
    target: drawn.type === InodeType.SymbolicLink ? drawn.target : NO_BYTES,
    mounted:
      drawn.mounted === undefined || drawn.type === InodeType.File
        ? drawn.mounted
        : { ...drawn.mounted, fingerprint: NO_BYTES },
    children: drawn.type === InodeType.Directory ? drawn.children : 0,
  }));

describe("an inode's row", () => {
  const read = (bytes: Buffer) => readInode(reader, bytes, NEXT_ID);

  it('gives back what was written', () => {
    fc.assert(
      fc.property(record, (drawn) => {
        expect(read(Buffer.from(writeInode(writer, drawn)))).toEqual(drawn);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every field of a record', () => {
    for (const field of RECORD_FIELDS) {
      const [one, other] =
        field === 'target' ? [LINK, { ...LINK, target: byteString('c') }] : differingIn(field);
      expect(hex(writeInode(writer, one))).not.toBe(hex(writeInode(writer, other)));
    }
    expect(Object.keys(FILE)).toEqual([...RECORD_FIELDS]);
  });

  it('is refused when it is cut short or goes on', () => {
    fc.assert(
      fc.property(record, fc.nat(10_000), (drawn, cut) => {
        const row = Buffer.from(writeInode(writer, drawn));
        const short = row.subarray(0, cut % row.length);
        expect(() => read(short)).toThrow(corrupt);
        expect(() => read(Buffer.concat([row, Buffer.of(0)]))).toThrow(corrupt);
      }),
    );
  });

  it('of a usual file takes few bytes', () => {
    const usual = { ...FILE, owner: byteString('root'), group: byteString('root') };
    const row = writeInode(writer, { ...usual, accessedMs: usual.modifiedMs });
    expect(row.length).toBeLessThanOrEqual(26);
  });
});

function differingIn(field: keyof InodeRecord): readonly [InodeRecord, InodeRecord] {
  if (field === 'mounted') {
    return [
      DIRECTORY,
      { ...DIRECTORY, mounted: { mount: 5, complete: true, fingerprint: NO_BYTES } },
    ];
  }
  const value = DIRECTORY[field];
  const other = typeof value === 'number' ? value + 1 : byteString(`${value}x`);
  return [DIRECTORY, { ...DIRECTORY, [field]: other }];
}
