import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.js';
import type { Entry } from '../../core/log/entry.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { isDamage } from '../durable/log-damage.js';
import { readEntries } from '../durable/read-entries.js';
import { messageOf } from './caught-error.js';
import type { LogThreadData, ReaderAnswer, ReaderRequest } from './worker-protocol.js';

invariant(parentPort !== null, 'this module is the body of a worker thread');
const port = parentPort;
const { handle, directory } = workerData as LogThreadData;
const database = RocksDatabase.fromHandle(handle, directory);

function entriesFor({ first, last, maxBytes }: ReaderRequest): Entry[] {
  return readEntries(database, first, last, maxBytes);
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
    answer = pack(request.id, entriesFor(request));
  } catch (error) {
    answer = failure(request.id, error);
  }
  port.postMessage(answer, [
    answer.entries.buffer as ArrayBuffer,
    answer.payloads.buffer as ArrayBuffer,
  ]);
});
