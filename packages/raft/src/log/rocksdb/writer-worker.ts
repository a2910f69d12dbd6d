import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.js';
import { isRaftError, RaftError } from '../../errors.js';
import { hasCode, messageOf } from '../../rocksdb/caught-error.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { checkLog } from '../durable/check-log.js';
import { GroupCommit } from '../durable/group-commit.js';
import { isDamage, LogDamage } from '../durable/log-damage.js';
import type { MarkFile } from '../durable/mark-file.js';
import { PackedWriteGroup } from '../durable/packed-write-group.js';
import { openMarkFile } from './open-mark-file.js';
import { openOutlineFile } from './open-outline-file.js';
import type { LogThreadData, WriterAnswer, WriterRequest } from './worker-protocol.js';

invariant(parentPort !== null, 'this module is the body of a worker thread');
const port = parentPort;
const { handle, directory, markPath } = workerData as LogThreadData;

function answer(message: WriterAnswer): void {
  port.postMessage(message);
}

/** The log says itself what failed and what to do: only the reason is passed on. */
function failed(error: unknown): void {
  const reason = error instanceof RaftError ? (error.cause ?? error) : error;
  answer({ type: 'failed', message: messageOf(reason), damaged: isDamage(error) });
}

function requiredMarkFile(): MarkFile {
  try {
    const markFile = openMarkFile(markPath);
    if (markFile !== undefined) return markFile;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new LogDamage('the file "mark", which tells what was acknowledged, is missing');
  }
  throw new LogDamage('the file "mark", which tells what was acknowledged, is damaged');
}

/** Whatever has arrived together is written together. */
function arrived(first: WriterRequest): WriterRequest[] {
  const requests = [first];
  for (;;) {
    const next = receiveMessageOnPort(port);
    if (next === undefined) return requests;
    requests.push(next.message as WriterRequest);
  }
}

function serve(database: RocksDatabase, markFile: MarkFile, baseIndex: number): void {
  const outlineFile = openOutlineFile(directory);
  const commit = new GroupCommit(database, database.batch(), markFile, outlineFile, baseIndex);
  let broken = false;
  const failedOnce = (error: unknown) => {
    if (!broken) failed(error);
    broken = true;
  };
  port.on('message', (first: WriterRequest) => {
    const requests = arrived(first);
    const groups = requests.filter((request) => request !== 'close');
    if (groups.length > 0 && !broken) {
      try {
        commit.write(groups.map((memory) => new PackedWriteGroup(memory)));
        answer(groups.length);
        markFile.syncSoon(failedOnce);
      } catch (error) {
        failedOnce(error);
      }
    }
    if (requests.includes('close')) void end(database, markFile);
  });
}

async function end(database: RocksDatabase, markFile: MarkFile): Promise<void> {
  try {
    await markFile.close();
  } catch (error) {
    failed(error);
  }
  await database.close();
  port.close();
}

function start(): void {
  const database = RocksDatabase.fromHandle(handle, directory);
  let markFile: MarkFile | undefined;
  try {
    markFile = requiredMarkFile();
    const checked = checkLog(database, markFile, openOutlineFile(directory));
    serve(database, markFile, checked.state.base.index);
    answer({ type: 'opened', ...checked });
  } catch (error) {
    if (isDamage(error)) answer({ type: 'damaged', message: messageOf(error) });
    else if (isRaftError(error, 'LOG_FOREIGN'))
      answer({ type: 'foreign', message: messageOf(error) });
    else failed(error);
    void markFile?.close().catch(() => undefined);
  }
}

start();
