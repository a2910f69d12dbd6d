import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isRaftError } from '../errors.js';
import {
  HEADER,
  headerAt,
  largeRows,
  parse,
  row,
  rowsOf,
  snapshotOf,
} from './snapshot.test.support.js';
import {
  BLOCK_BYTES,
  encodeManifest,
  MAX_BLOCK_BYTES,
  type SnapshotPosition,
} from './snapshot-block.js';
import { SnapshotEncoder } from './snapshot-encoder.js';
import { encodeHeader } from './snapshot-header.js';
import { decodeManifest, SnapshotParser } from './snapshot-parser.js';

const THREE = [row('a', '1'), row('b', ''), row('', 'x'.repeat(200))];
const texts = (rows: readonly { key: Uint8Array; value: Uint8Array }[]) =>
  rows.map(({ key, value }) => `${Buffer.from(key)}=${Buffer.from(value)}`);

const DIGEST = 'ba97e28f11398a7772007a626267da9f3b48ee838dba210eff513c2bfeed0bbd';

/** Written apart, to be read. */
const joined = (fields: string) => fields.replaceAll(/\s/g, '');

/*
 * What lies on disks and travels between members. Whoever changes these bytes needs another format
 * number, and a way for the former one.
 */
describe('a snapshot is these bytes:', () => {
  it('header, blocks, footer', () => {
    const membership = Buffer.from(
      '{"format":1,"index":2,"configuration":{"voters":[1,2,3],"outgoing":[],"learners":[],' +
        '"nextLearners":[],"autoLeave":false},"endpoints":{},"forcedRecoveries":[],"unheard":[]}',
    );
    const { bytes, manifest } = snapshotOf(HEADER, [row('k', 'value'), row('key', '')]);
    const hex = bytes.toString('hex');
    const header = joined(
      `5246534e 00000001 000000e4 00000000 0000000000000007 0000000000000003 00 00000001
       00000003 617070 00000001 63 ${membership.byteLength.toString(16).padStart(8, '0')}
       ${membership.toString('hex')} HEADER_CRC`,
    );
    const block = '01 00000001 00000002 0000000d 01 05 6b 76616c7565 03 00 6b6579 BLOCK_CRC';
    const footer = '02 00000001 0000000000000002 000000000000000d DIGEST FOOTER_CRC';
    const expected = (header + joined(block) + joined(footer))
      .replace('HEADER_CRC', '6e55c4fb')
      .replace('BLOCK_CRC', '9ab05a8a')
      .replace('DIGEST', DIGEST)
      .replace('FOOTER_CRC', '8a718d78');
    expect(hex).toBe(expected);
    expect(manifest.id).toBe(`7-3-${DIGEST.slice(0, 32)}`);
  });

  it('and all of another format is refused as such', () => {
    const bytes = encodeHeader(HEADER);
    bytes.writeUInt32BE(2, 4);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.byteLength - 4);
    expect(() => parse(bytes, 1000)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_FOREIGN' }));
  });
});

describe('a snapshot', () => {
  it.each([1, 7, 100, 1 << 20])('is read as it was written, in pieces of %s', (pieceBytes) => {
    const { bytes, manifest } = snapshotOf(HEADER, THREE);
    const parsed = parse(bytes, pieceBytes);
    expect(parsed.manifest).toEqual(manifest);
    expect(parsed.manifest.header).toEqual(HEADER);
    expect(rowsOf(parsed.blocks)).toEqual(texts(THREE));
    expect(manifest.fileBytes).toBe(bytes.byteLength);
    expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
  });

  it('can be empty', () => {
    const { bytes, manifest } = snapshotOf(HEADER, []);
    expect(parse(bytes, 10)).toEqual({ blocks: [], manifest });
    expect(manifest.extent).toMatchObject({ blocks: 0, rows: 0, bytes: 0 });
  });

  it('has blocks of a mebibyte at most, and larger rows alone', () => {
    const rows = [row('s', '1'), row('large', Buffer.alloc(2 * BLOCK_BYTES)), ...largeRows(10, 4)];
    const { blocks } = parse(snapshotOf(HEADER, rows).bytes, 1 << 16);
    expect(blocks.map((block) => block.rows)).toEqual([1, 1, 4, 4, 2]);
    const lengths = blocks.map(({ payload }) => payload.byteLength);
    expect(lengths.filter((length) => length > BLOCK_BYTES)).toEqual([lengths[1]]);
    expect(rowsOf(blocks)).toEqual(texts(rows));
  });

  it('has smaller blocks where it is told so', () => {
    const encoder = new SnapshotEncoder(HEADER, 1_000);
    const rows = Array.from({ length: 10 }, (_, i) => row(`${i}`, Buffer.alloc(300)));
    const full = rows.flatMap((one) => encoder.addRow(one) ?? []);
    const bytes = Buffer.concat([encoder.headerBytes, ...full, ...encoder.end().bytes]);
    const { blocks } = parse(bytes, 1 << 16);
    expect(blocks.map((block) => block.rows)).toEqual([3, 3, 3, 1]);
    const chunked = new SnapshotEncoder(headerAt(7, 'chunks'), 1_000);
    expect(chunked.addChunk(Buffer.alloc(2_500))).toHaveLength(2);
  });

  it('takes no row that is larger than a block may be', () => {
    const encoder = new SnapshotEncoder(HEADER);
    const tooLarge = row('k', Buffer.alloc(MAX_BLOCK_BYTES));
    expect(() => encoder.addRow(tooLarge)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_FAILED' }),
    );
  });

  it('holds chunks as one stream of bytes', () => {
    const chunks = [0, 1, BLOCK_BYTES, 3 * BLOCK_BYTES, 5].map((n, i) => Buffer.alloc(n, i));
    const encoder = new SnapshotEncoder(headerAt(7, 'chunks'));
    const parts = [encoder.headerBytes, ...chunks.flatMap((chunk) => encoder.addChunk(chunk))];
    const { bytes, manifest } = encoder.end();
    const parsed = parse(Buffer.concat([...parts, ...bytes]), 1 << 16);
    const payloads = Buffer.concat(parsed.blocks.map(({ payload }) => payload));
    expect(payloads.equals(Buffer.concat(chunks))).toBe(true);
    expect(parsed.manifest).toEqual(manifest);
    expect(manifest.extent).toMatchObject({ blocks: 5, rows: 0, bytes: 4 * BLOCK_BYTES + 6 });
  });

  it('has the same id only for the same bytes', () => {
    const ids = [
      snapshotOf(HEADER, THREE),
      snapshotOf(HEADER, [...THREE, row('z', '')]),
      snapshotOf(HEADER, [row('a', '2'), ...THREE.slice(1)]),
      snapshotOf({ ...HEADER, clusterId: 'd' }, THREE),
      snapshotOf({ ...HEADER, application: { name: 'app', version: 2 } }, THREE),
    ].map(({ manifest }) => manifest.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(snapshotOf(HEADER, THREE).manifest.id).toBe(ids[0]);
  });

  it('can be taken in from the end of any block', () => {
    const rows = largeRows(10, 3);
    const { bytes, manifest } = snapshotOf(HEADER, rows);
    const { blocks } = parse(bytes, 1 << 16);
    expect(blocks.length).toBe(4);
    for (const [i, { end }] of blocks.entries()) {
      const parser = new SnapshotParser({ manifest, position: end });
      const rest = parse(bytes.subarray(end.offset), 1 << 16, parser);
      expect(rest.blocks.map(({ number }) => number)).toEqual(
        blocks.slice(i + 1).map(({ number }) => number),
      );
      expect(rest.manifest).toEqual(manifest);
    }
  });

  it('does not go on from another snapshot than it began with', () => {
    const { bytes } = snapshotOf(HEADER, largeRows(10, 3));
    // As long, so that nothing but the digest tells.
    const [first = row('', ''), ...rest] = largeRows(10, 3);
    const other = snapshotOf(HEADER, [{ ...first, key: Buffer.from('kez 0') }, ...rest]);
    const begun: SnapshotPosition | undefined = parse(other.bytes, 1 << 16).blocks[1]?.end;
    if (begun === undefined) throw new Error('no block');
    expect(other.bytes.byteLength).toBe(bytes.byteLength);
    const parser = new SnapshotParser({ manifest: other.manifest, position: begun });
    expect(() => parse(bytes.subarray(begun.offset), 1 << 16, parser)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_DAMAGED' }),
    );
  });
});

describe('damage to a snapshot is noticed:', () => {
  const { bytes } = snapshotOf(HEADER, THREE);
  const outcome = (damaged: Buffer) => {
    try {
      parse(damaged, 64);
      return 'accepted';
    } catch (error) {
      return isRaftError(error, 'SNAPSHOT_DAMAGED') ? 'damaged' : error;
    }
  };

  it('each bit of each byte', () => {
    for (let at = 0; at < bytes.byteLength; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect([at, bit, outcome(damaged)]).toEqual([at, bit, 'damaged']);
      }
    }
  });

  it('a cut at each place', () => {
    for (let length = 0; length < bytes.byteLength; length++) {
      expect([length, outcome(bytes.subarray(0, length))]).toEqual([length, 'damaged']);
    }
    expect(outcome(bytes)).toBe('accepted');
  });

  it('something behind the end', () => {
    expect(outcome(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe('damaged');
    expect(outcome(Buffer.concat([bytes, bytes]))).toBe('damaged');
  });

  it('blocks left out, repeated, or of another snapshot', () => {
    const one = snapshotOf(HEADER, largeRows(9, 3));
    const other = snapshotOf(headerAt(8), largeRows(9, 3));
    const part = ({ bytes: all, ends }: typeof one, i: number) =>
      all.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
    const build = (...parts: Buffer[]) => outcome(Buffer.concat(parts));
    const [h, a, b, c, f] = [0, 1, 2, 3, 4].map((i) => part(one, i)) as Buffer[];
    if (!h || !a || !b || !c || !f) throw new Error('four blocks were expected');
    expect(build(h, a, b, c, f)).toBe('accepted');
    expect(build(h, a, c, f)).toBe('damaged');
    expect(build(h, a, b, f)).toBe('damaged');
    expect(build(h, a, a, b, c, f)).toBe('damaged');
    expect(build(h, b, a, c, f)).toBe('damaged');
    expect(build(h, a, part(other, 2), c, f)).toBe('damaged');
    expect(build(h, a, b, c, part(other, 4))).toBe('damaged');
  });

  it('before a block is handed out', () => {
    const one = snapshotOf(HEADER, largeRows(9, 3));
    const other = snapshotOf(headerAt(8), largeRows(9, 3));
    const [, firstEnd = 0, secondEnd = 0] = one.ends;
    const changed = Buffer.from(one.bytes);
    changed[firstEnd + 1_000] = 0xaa;
    const ofOther = Buffer.from(one.bytes);
    other.bytes.copy(ofOther, firstEnd, firstEnd, secondEnd);
    for (const damaged of [changed, ofOther]) {
      const parser = new SnapshotParser();
      parser.push(damaged);
      expect(parser.next()?.number).toBe(1);
      expect(() => parser.next()).toThrow('the checksum of block 2 does not fit');
    }
  });

  it('in words that say where, and what to do', () => {
    expect(() => parse(bytes.subarray(0, -1), 64)).toThrow(
      `the snapshot is damaged: it is cut, at byte ${bytes.byteLength - 1}. Take another copy of it, or make another one.`,
    );
  });
});
