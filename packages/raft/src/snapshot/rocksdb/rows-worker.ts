import { parentPort, workerData } from 'node:worker_threads';
import { RateLimit, waitingClock } from '@raft-ts/net';
import { invariant } from '../../core/invariant.js';
import { RaftError } from '../../errors.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import type { RocksRange, RocksRow } from '../../rocksdb/range.js';
import { encodeManifest } from '../snapshot-block.js';
import { writeSnapshotFile } from '../snapshot-file.js';
import { decodeHeader } from '../snapshot-header.js';
import type { RowsAnswer, RowsRequest, RowsThreadData } from './rows-protocol.js';
import { failureOf } from './thread-failure.js';

invariant(parentPort !== null, 'this module is the body of a worker thread');
const port = parentPort;
const { handle, directory } = workerData as RowsThreadData;
const database = RocksDatabase.fromHandle(handle, directory);
const aborting = new AbortController();
let held: RocksRange | undefined;
let writing: Promise<void> = Promise.resolve();

function answer(message: RowsAnswer): void {
  port.postMessage(message);
}

async function* pages(range: RocksRange): AsyncGenerator<readonly RocksRow[]> {
  for (;;) {
    const page = range.nextPageSync();
    if (page.length === 0) return;
    yield page;
  }
}

async function write({ path, header, bytesPerSecond }: RowsRequest & { type: 'write' }) {
  try {
    invariant(held !== undefined, 'no rows are held');
    const manifest = await writeSnapshotFile(
      path,
      decodeHeader(Buffer.from(header)),
      { rows: pages(held) },
      {
        signal: aborting.signal,
        rate: new RateLimit(bytesPerSecond, waitingClock),
        progress: (rows, bytes) => answer({ type: 'progress', rows, bytes }),
      },
    );
    answer({ type: 'written', manifest: encodeManifest(manifest) });
  } catch (error) {
    answer({ type: 'failed', failure: failureOf(error) });
  }
}

function hold(): void {
  try {
    held = database.range();
    answer({ type: 'held' });
  } catch (error) {
    answer({ type: 'failed', failure: failureOf(error) });
  }
}

async function close(): Promise<void> {
  await writing;
  await database.close();
  port.close();
}

port.on('message', (request: RowsRequest) => {
  if (request.type === 'hold') hold();
  else if (request.type === 'write') writing = write(request);
  else if (request.type === 'abort') {
    aborting.abort(new RaftError('SNAPSHOT_FAILED', 'the snapshot is not wanted any more'));
  } else void close();
});
answer({ type: 'started' });
