import { decodeValue, type WireValue } from '@raft-ts/net';
import {
  readBlocks,
  readManifest,
  type SnapshotHandle,
  type SnapshotManifest,
  takeRows,
} from 'raft-ts';
import { listOfRows } from './member/list-rows.js';
import { type ListCopy, ListStore } from './member/list-store.js';
import { listOfRecords } from './member/memory-list.js';
import type { Backup } from './property.js';

/** Before each record of a state in memory. */
const LENGTH_BYTES = 4;

/** Reads a backup as whoever restores it does. Rejects where the product does, or the state is none. */
export async function readBackup(bytes: Buffer, askedIndex: number): Promise<Backup> {
  await using handle = handleOf(bytes);
  const { header } = await readManifest(handle);
  const rows: [string, string][] = [];
  const payloads: Buffer[] = [];
  const blocks = readBlocks(handle);
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) {
    const { payload, rows: count } = next.value;
    payloads.push(Buffer.from(payload));
    if (header.contents === 'chunks') continue;
    const isRows = takeRows(payload, count, (key, value) =>
      rows.push([key.toString('latin1'), value.toString('latin1')]),
    );
    if (!isRows) throw new TypeError('a block holds no rows');
  }
  const store = new ListStore();
  store.replace(
    header.contents === 'chunks'
      ? listInMemory(next.value, Buffer.concat(payloads))
      : listOfRows(rows),
  );
  return { askedIndex, base: header.base, store };
}

/** The framework's rows, behind the number of their format; then what the list gave. */
function listInMemory({ header }: SnapshotManifest, bytes: Buffer): ListCopy {
  const records = [...recordsOf(bytes)];
  const end = records.indexOf(undefined);
  const rows = records.slice(1, end).map((record): readonly [string, Uint8Array] => {
    const [key, value]: readonly WireValue[] = Array.isArray(record) ? record : [];
    if (key instanceof Uint8Array && value instanceof Uint8Array) {
      return [Buffer.from(key).toString('latin1'), value];
    }
    throw new TypeError('a row of the framework is none');
  });
  const { index, term } = header.base;
  const list = listOfRecords(records.slice(end + 1));
  return { ...list, appliedIndex: index, appliedTerm: term, rows: new Map(rows), tree: [] };
}

/** Undefined for the end of those of the framework. */
function* recordsOf(bytes: Buffer): Generator<WireValue | undefined> {
  for (let at = 0; at < bytes.byteLength; ) {
    const length = bytes.readUInt32BE(at);
    at += LENGTH_BYTES;
    yield length === 0 ? undefined : decodeValue(bytes.subarray(at, at + length));
    at += length;
  }
}

/** A file that is read only. */
function handleOf(bytes: Buffer): SnapshotHandle {
  const refuse = () => Promise.reject(new Error('a backup is read only'));
  const nothing = () => Promise.resolve();
  return {
    stat: async () => ({ size: bytes.byteLength }),
    read: async (buffer, offset, length, position) => ({
      bytesRead: bytes.copy(buffer, offset, position, position + length),
    }),
    writeFile: refuse,
    truncate: refuse,
    sync: nothing,
    datasync: nothing,
    close: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}
