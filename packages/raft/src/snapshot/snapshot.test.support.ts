import { EMPTY_MEMBERSHIP } from '../core/membership/membership.js';
import type { SnapshotBlock, SnapshotManifest } from './snapshot-block.js';
import { SnapshotEncoder } from './snapshot-encoder.js';
import type { SnapshotHeader } from './snapshot-header.js';
import { SnapshotParser } from './snapshot-parser.js';
import { type SnapshotRow, takeRows } from './snapshot-rows.js';

export const HEADER: SnapshotHeader = {
  clusterId: 'c',
  group: 0,
  base: {
    index: 7,
    term: 3,
    membership: {
      ...EMPTY_MEMBERSHIP,
      index: 2,
      configuration: { ...EMPTY_MEMBERSHIP.configuration, voters: [1, 2, 3] },
    },
  },
  application: { name: 'app', version: 1 },
  contents: 'rows',
};

export const headerAt = (index: number, contents = HEADER.contents): SnapshotHeader => ({
  ...HEADER,
  base: { ...HEADER.base, index },
  contents,
});

export const row = (key: string, value: string | Uint8Array): SnapshotRow => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
});

/** Rows that fill a block in `perBlock` of them. */
export const largeRows = (count: number, perBlock: number): SnapshotRow[] =>
  Array.from({ length: count }, (_, i) =>
    row(`key ${i}`, Buffer.alloc(Math.floor(1_000_000 / perBlock), i)),
  );

/** The whole of a snapshot, and where its header and each block end. */
export function snapshotOf(
  header: SnapshotHeader,
  rows: readonly SnapshotRow[],
): { readonly bytes: Buffer; readonly ends: number[]; readonly manifest: SnapshotManifest } {
  const encoder = new SnapshotEncoder(header);
  const parts: Buffer[] = [encoder.headerBytes];
  for (const one of rows) {
    const full = encoder.addRow(one);
    if (full !== undefined) parts.push(full);
  }
  const { bytes, manifest } = encoder.end();
  parts.push(...bytes);
  let end = 0;
  const ends = parts.map((part) => {
    end += part.byteLength;
    return end;
  });
  return { bytes: Buffer.concat(parts), ends, manifest };
}

/** All that a parser makes of `bytes`, given in pieces of `pieceBytes`. */
export function parse(
  bytes: Buffer,
  pieceBytes: number,
  parser = new SnapshotParser(),
): { readonly blocks: SnapshotBlock[]; readonly manifest: SnapshotManifest } {
  const blocks: SnapshotBlock[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    parser.push(bytes.subarray(at, at + pieceBytes));
    for (let block = parser.next(); block !== undefined; block = parser.next()) blocks.push(block);
  }
  return { blocks, manifest: parser.end() };
}

/** The rows of blocks, to compare. */
export function rowsOf(blocks: readonly SnapshotBlock[]): string[] {
  const found: string[] = [];
  for (const { payload, rows } of blocks) {
    const fits = takeRows(payload, rows, (key, value) => found.push(`${key}=${value}`));
    if (!fits) throw new Error('the payload is not what it says');
  }
  return found;
}
