import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.js';
import type { Entry } from '../../core/log/entry.js';
import { messageOf } from '../../rocksdb/caught-error.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { isDamage } from '../durable/log-damage.js';
import { readEntries } from '../durable/read-entries.js';
import type { LogThreadData, ReaderAnswer, ReaderRequest } from './worker-protocol.js';

invariant(parentPort !== null, 'this module is the body of a worker thread');
const port = parentPort;
const { handle, directory } = workerData as LogThreadData;
const database = RocksDatabase.fromHandle(handle, directory);

function answer(message: ReaderAnswer, transferred: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transferred);
}

function answerEntries(id: number, entries: readonly Entry[]): void {
  const fields = new Float64Array(entries.length * 3);
  const length = entries.reduce((sum, entry) => sum + entry.data.byteLength, 0);
  const payloads = new Uint8Array(length);
  let at = 0;
  entries.forEach((entry, i) => {
    fields.set([entry.term, entry.type, entry.data.byteLength], i * 3);
    payloads.set(entry.data, at);
    at += entry.data.byteLength;
  });
  answer({ id, fields, payloads }, [fields.buffer, payloads.buffer]);
}

port.on('message', (request: ReaderRequest | 'close') => {
  if (request === 'close') {
    void database.close().then(() => port.close());
    return;
  }
  const { id, checks, first, last, maxBytes } = request;
  try {
    const entries = readEntries(database, first, last, maxBytes);
    if (checks) answer({ id, whole: entries.length });
    else answerEntries(id, entries);
  } catch (error) {
    answer({ id, failure: { damaged: isDamage(error), message: messageOf(error) } });
  }
});
