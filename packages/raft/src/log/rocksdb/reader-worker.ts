import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.js';
import { type Entry, entryBytes } from '../../core/log/entry.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { messageOf } from './file-error.js';
import { decodeEntry, entryKey } from './layout.js';
import { damageAt, isDamage } from './scan.js';
import type { LogThreadData, ReaderAnswer, ReaderRequest } from './worker-protocol.js';

invariant(parentPort !== null, 'this module is the body of a worker thread');
const port = parentPort;
const { handle, directory } = workerData as LogThreadData;
const database = RocksDatabase.fromHandle(handle, directory);

/** The first page of a read is small, since many reads want little. */
const PAGE_ROWS = 256;

/** Entries from `first` on, without a hole, up to the limits; fewer where the log ends. */
function readEntries({ first, last, maxBytes }: ReaderRequest): Entry[] {
  using range = database.range({
    gte: entryKey(first),
    lt: entryKey(last + 1),
    keys: false,
    pageRows: Math.min(PAGE_ROWS, last - first + 1),
    pageBytes: Math.min(maxBytes, 2 ** 30),
    fillCache: true,
  });
  const entries: Entry[] = [];
  let bytes = 0;
  while (!range.finished) {
    for (const { value } of range.nextPageSync()) {
      const index = first + entries.length;
      const entry = decodeEntry(index, value);
      if (entry === undefined) throw damageAt(database, index);
      bytes += entryBytes(entry);
      if (entries.length > 0 && bytes > maxBytes) return entries;
      entries.push(entry);
    }
  }
  return entries;
}

function pack(id: number, entries: readonly Entry[]): ReaderAnswer {
  const fields = new Float64Array(entries.length * 3);
  const length = entries.reduce((sum, entry) => sum + entry.data.byteLength, 0);
  const payloads = new Uint8Array(length);
  let at = 0;
  entries.forEach((entry, i) => {
    fields.set([entry.term, entry.type, entry.data.byteLength], i * 3);
    payloads.set(entry.data, at);
    at += entry.data.byteLength;
  });
  return { id, failure: undefined, entries: fields, payloads };
}

function failure(id: number, error: unknown): ReaderAnswer {
  return {
    id,
    failure: { damaged: isDamage(error), message: messageOf(error) },
    entries: new Float64Array(0),
    payloads: new Uint8Array(0),
  };
}

port.on('message', (request: ReaderRequest | 'close') => {
  if (request === 'close') {
    void database.close().then(() => port.close());
    return;
  }
  let answer: ReaderAnswer;
  try {
    answer = pack(request.id, readEntries(request));
  } catch (error) {
    answer = failure(request.id, error);
  }
  port.postMessage(answer, [
    answer.entries.buffer as ArrayBuffer,
    answer.payloads.buffer as ArrayBuffer,
  ]);
});
