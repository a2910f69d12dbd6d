import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EntryType } from '../../core/log/entry.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import { encodeMembership } from '../../core/membership/membership-codec.js';
import type { LogWrite } from '../log-store.js';
import { decodeBase, decodeEntry, decodeHardState } from './layout.js';
import { decodeMark, encodeMark } from './mark.js';
import { newMarkFile } from './mark-file.js';
import { decodeOutline, encodeOutline } from './outline-codec.js';
import { PackedWriteGroup, WriteGroupPacker } from './packed-write-group.js';

/*
 * What lies on disks. Whoever changes one of these changes what is read of what was written before:
 * that needs another format number, and a way for the former one.
 */

/** The rows of a write: key and value in hexadecimal. */
function rowsOf(write: LogWrite): [string, string][] {
  const group = new WriteGroupPacker(4096);
  group.add(write, { replacedFrom: 0, termBefore: 0, lastIndexBefore: 0, lastIndexAfter: 0 });
  group.seal({ baseIndex: 0, lastIndex: 0, lastTerm: 0, term: 0, votedFor: 0, recovery: 0 });
  const rows: [string, string][] = [];
  new PackedWriteGroup(group.memory).copyTo({
    put: (key, value) => rows.push([hex(key), hex(value)]),
    delete: () => undefined,
  });
  return rows;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string) => Buffer.from(text, 'hex');

/** Written apart, to be read: fields with blanks between them. */
const joined = (fields: string) => fields.replaceAll(' ', '');

describe('a row of the log is these bytes:', () => {
  const index = 2 ** 32 + 2;
  const entryKey = joined('00000000 0000000100000002');

  it.each([
    ['empty', EntryType.Empty, '', '01 0000000000000007 00 e93d2e30'],
    ['command', EntryType.Command, 'c0ffee', '01 0000000000000007 01 c0ffee 75c0ba7e'],
    ['membership', EntryType.Membership, '7b7d', '01 0000000000000007 02 7b7d a3b2b92c'],
  ])('an entry of type %s', (_name, type, payload, fields) => {
    const entry = { index, term: 7, type, data: bytesOf(payload) };
    expect(rowsOf({ entries: [entry] })).toEqual([[entryKey, joined(fields)]]);
    expect(decodeEntry(index, bytesOf(joined(fields)))).toEqual(entry);
  });

  it('a hard state', () => {
    const hardState = { term: 9, votedFor: 3, commit: 2 ** 32 + 1, recovery: 5 };
    const fields = '01 0000000000000009 0000000000000003 0000000100000001 0000000000000005';
    const value = joined(`${fields} dab399ed`);
    expect(rowsOf({ hardState, entries: [] })).toEqual([
      [joined('00000000 ffffffffffffffff'), value],
    ]);
    expect(decodeHardState(bytesOf(value))).toEqual(hardState);
  });

  it('a base', () => {
    const base = { index: 8, term: 6, membership: EMPTY_MEMBERSHIP };
    const key = joined('00000000 fffffffffffffffe');
    const membership = hex(encodeMembership(EMPTY_MEMBERSHIP));
    const checked = joined(`01 0000000000000008 0000000000000006 ${membership}`);
    const value =
      checked +
      crc32(bytesOf(key + checked))
        .toString(16)
        .padStart(8, '0');
    expect(rowsOf({ base, entries: [] })).toEqual([[key, value]]);
    expect(decodeBase(bytesOf(value))).toEqual(base);
  });
});

describe('a mark is these bytes:', () => {
  const mark = { term: 9, votedFor: 3, recovery: 5, lastIndex: 2 ** 32 + 1, lastTerm: 7 };
  const slot = (sequence: string, checksum: string) =>
    joined(
      `52464d4b 00000003 00000000 ${sequence} 0000000000000009 0000000000000003 ` +
        `0000000000000005 0000000100000001 0000000000000007 ${checksum}`,
    );

  it('in a slot', () => {
    const encoded = slot('000000000000000b', '6d6267db');
    expect(hex(encodeMark(11, mark))).toBe(encoded);
    expect(decodeMark(bytesOf(encoded))).toEqual({ sequence: 11, mark });
  });

  it('in a file', () => {
    const file = newMarkFile(mark);
    expect(hex(file.subarray(0, 64))).toBe(slot('0000000000000001', '4b44dcd4'));
    expect(hex(file.subarray(64, 4096))).toBe('00'.repeat(4032));
    expect(hex(file.subarray(4096))).toBe(slot('0000000000000000', 'a3534c75'));
  });
});

describe('an outline is these bytes,', () => {
  const outline = {
    base: { index: 4, term: 2 },
    lastIndex: 2 ** 32 + 9,
    termRuns: [{ index: 5, term: 2 }],
    sizes: [{ index: 5, bytes: 300 }],
    membershipIndexes: [7, 8],
  };
  const encoded = joined(
    '52464f4c 00000001 00000000 0000000000000004 0000000000000002 0000000100000009' +
      ' 0000000000000001 0000000000000005 0000000000000002' +
      ' 0000000000000001 0000000000000005 000000000000012c' +
      ' 0000000000000002 0000000000000007 0000000000000008 41b87c9e',
  );

  it('and other bytes count for nothing, those of another version too', () => {
    expect(hex(encodeOutline(outline))).toBe(encoded);
    expect(decodeOutline(bytesOf(encoded))).toEqual(outline);
    for (let place = 0; place < encoded.length / 2; place++) {
      const changed = bytesOf(encoded);
      changed[place] = (changed[place] ?? 0) ^ 2;
      expect(decodeOutline(changed)).toBeUndefined();
    }
    const checked = bytesOf(encoded).subarray(0, -4);
    for (const other of [
      joined(`52464f4c 00000002 ${hex(checked.subarray(8))}`),
      hex(checked.subarray(0, -8)),
      joined(`${hex(checked)} 0000000000000000`),
    ]) {
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32(bytesOf(other)));
      expect(decodeOutline(Buffer.concat([bytesOf(other), sum]))).toBeUndefined();
    }
  });
});

describe('what another version wrote is no damage:', () => {
  /** `bytes` with `format` at `place`, and the checksum that fits. */
  function ofFormat(bytes: string, place: number, format: number, key = ''): Buffer {
    const changed = bytesOf(bytes);
    changed[place] = format;
    const checked = changed.subarray(0, -4);
    changed.writeUInt32BE(crc32(checked, crc32(bytesOf(key))), checked.byteLength);
    return changed;
  }
  const foreign = expect.objectContaining({ code: 'LOG_FOREIGN', details: { format: 9 } });

  it('a row', () => {
    const hardState = { term: 9, votedFor: 3, commit: 4, recovery: 5 };
    const entry = { index: 1, term: 7, type: EntryType.Empty, data: new Uint8Array() };
    const base = { index: 8, term: 6, membership: EMPTY_MEMBERSHIP };
    const decoders = [decodeBase, (value: Buffer) => decodeEntry(1, value), decodeHardState];
    const rows = rowsOf({ base, entries: [entry], hardState });
    rows.forEach(([key, value], at) => {
      expect(() => decoders[at]?.(ofFormat(value, 0, 9, key))).toThrow(foreign);
    });
    expect(rows).toHaveLength(3);
  });

  it('a mark', () => {
    const mark = { term: 1, votedFor: 1, recovery: 0, lastIndex: 1, lastTerm: 1 };
    expect(() => decodeMark(ofFormat(hex(encodeMark(1, mark)), 7, 9))).toThrow(foreign);
  });
});
