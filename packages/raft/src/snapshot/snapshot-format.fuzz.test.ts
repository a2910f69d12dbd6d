import { crc32 } from 'node:zlib';
import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { isRaftError } from '../errors.js';
import { HEADER, headerAt, parse, row, rowsOf, snapshotOf } from './snapshot.test.support.js';
import { encodeManifest, type SnapshotManifest } from './snapshot-block.js';
import { encodeHeader } from './snapshot-header.js';
import { decodeManifest } from './snapshot-parser.js';
import { putRow, rowBytes, takeRows } from './snapshot-rows.js';

const isRefusal = (error: unknown) =>
  isRaftError(error, 'SNAPSHOT_DAMAGED') || isRaftError(error, 'SNAPSHOT_FOREIGN');

const ROWS = [row('a', '1'), row('', ''), row('key', 'x'.repeat(300))];
const HEADER_BYTES = encodeHeader(HEADER).byteLength;

/** Makes the checksum of a header of the usual length fit again. */
function repairHeader(bytes: Buffer): Buffer {
  if (bytes.byteLength < HEADER_BYTES) return bytes;
  bytes.writeUInt32BE(HEADER_BYTES, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return bytes;
}

it('snapshots', async () => {
  const report = await fuzzBytes({
    name: 'snapshots',
    corpus: [snapshotOf(HEADER, ROWS).bytes, snapshotOf(HEADER, []).bytes],
    decode: (bytes) => parse(bytes, 100),
    isRefusal,
    repair: repairHeader,
    check: (decoded) => {
      const { blocks, manifest } = decoded as ReturnType<typeof parse>;
      expect(manifest.extent.rows).toBe(rowsOf(blocks).length);
    },
  });
  console.log(report.line);
});

it('snapshot-manifests', async () => {
  const manifests = [HEADER, headerAt(2 ** 40, 'chunks')].map(
    (header) => snapshotOf(header, ROWS).manifest,
  );
  const report = await fuzzBytes({
    name: 'snapshot-manifests',
    corpus: manifests.map(encodeManifest),
    decode: decodeManifest,
    isRefusal,
    repair: (bytes) => {
      const repaired = repairHeader(bytes);
      const end = repaired.byteLength - 4;
      if (end <= HEADER_BYTES) return repaired;
      const seed = repaired.readUInt32BE(HEADER_BYTES - 4);
      repaired.writeUInt32BE(crc32(repaired.subarray(HEADER_BYTES, end), seed), end);
      return repaired;
    },
    check: (decoded, bytes) => {
      const manifest = decoded as SnapshotManifest;
      expect(encodeManifest(manifest)).toEqual(bytes);
      expect(Number.isSafeInteger(manifest.fileBytes)).toBe(true);
    },
  });
  console.log(report.line);
});

it('snapshot-rows', async () => {
  const payload = (rows: typeof ROWS) => {
    const bytes = Buffer.alloc(rows.reduce((sum, one) => sum + rowBytes(one), 0));
    let at = 0;
    for (const one of rows) at = putRow(bytes, at, one);
    return bytes;
  };
  const decode = (bytes: Buffer) => {
    const rows: typeof ROWS = [];
    const fits = takeRows(bytes, ROWS.length, (key, value) => rows.push({ key, value }));
    return fits ? rows : undefined;
  };
  const report = await fuzzBytes({
    name: 'snapshot-rows',
    corpus: [payload(ROWS)],
    decode,
    isRefusal: () => false,
    check: (decoded) => {
      const rows = decoded as typeof ROWS;
      expect(decode(payload(rows))).toEqual(rows);
    },
  });
  console.log(report.line);
});
