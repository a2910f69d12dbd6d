import { observe } from '@raft-ts/net';
import type { HardState } from '../../core/log/entry.js';
import { RaftError } from '../../errors.js';
import { messageOf } from '../../rocksdb/caught-error.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { isDamage, LogDamage } from '../durable/log-damage.js';
import { writeFirstHardState } from '../durable/packed-write-group.js';
import type { ScannedLog } from '../durable/scan.js';
import {
  initializeDirectory,
  LOG_NAME,
  logPath,
  makeDirectory,
  markPath,
  refuseRestoring,
} from './data-directory.js';
import { checkIdentity, identityLost } from './identity.js';
import { removeOldestAside } from './keep-aside.js';
import { corrupt, openingError } from './log-error.js';
import type { CompleteLogOptions } from './log-options.js';
import { identifyLog, MAX_DAMAGED_LOGS, setLogAside } from './replace-damaged-log.js';
import type { LogThreadData, WriterAnswer, WriterRequest } from './worker-protocol.js';
import { WorkerThread } from './worker-thread.js';

export type WriterThread = WorkerThread<WriterRequest, WriterAnswer>;

export interface OpenedLog extends ScannedLog {
  readonly database: RocksDatabase;
  readonly writer: WriterThread;
  readonly threadData: LogThreadData;
}

/** Opens a data directory, or makes a new one, and checks what it holds. */
export async function openLog(options: CompleteLogOptions): Promise<OpenedLog> {
  const { directory, signal } = options;
  try {
    signal?.throwIfAborted();
    if (!options.existing) await makeDirectory(directory);
    const initialized = await checkIdentity(directory, options);
    if (!initialized) {
      if (options.existing) throw identityLost(directory, 'is missing');
      await refuseRestoring(directory);
    }
    const replaces = initialized && options.onDamage === 'replace';
    return await (replaces ? openOrReplace(options) : openDatabase(options, initialized));
  } catch (error) {
    if (error instanceof LogDamage) throw corrupt(directory, error.message, error);
    throw openingError(directory, error);
  }
}

async function openOrReplace(options: CompleteLogOptions): Promise<OpenedLog> {
  const { directory, signal } = options;
  const log = await identifyLog(directory);
  try {
    const opened = await openDatabase(options, true);
    if (options.knownDamage === undefined) return opened;
    await closeUnused(opened);
    throw new LogDamage(options.knownDamage);
  } catch (error) {
    if (!isDamage(error)) throw error;
    signal?.throwIfAborted();
    const { hardState, damagedName } = await setLogAside(directory, log);
    const opened = await openDatabase(options, true, hardState);
    await removeOldestAside(directory, LOG_NAME, MAX_DAMAGED_LOGS);
    observe(options.onReplaced, `${messageOf(error)}; the damaged log is kept in ${damagedName}`);
    return opened;
  }
}

async function closeUnused({ writer, database }: OpenedLog): Promise<void> {
  await writer.terminate();
  await database.close();
}

/** `hardState`: what a new log begins with, unless it is EMPTY_HARD_STATE. */
async function openDatabase(
  options: CompleteLogOptions,
  initialized: boolean,
  hardState?: HardState,
): Promise<OpenedLog> {
  const { directory, clusterId, memberId, signal } = options;
  const database = await openRocks(options);
  try {
    if (!initialized) await initializeDirectory(directory, database, { clusterId, memberId });
    if (hardState !== undefined) writeFirstHardState(database.batch(), hardState);
    signal?.throwIfAborted();
    const { handle } = database;
    const threadData = { handle, directory, markPath: markPath(directory) };
    return { database, threadData, ...(await startWriter(threadData, signal)) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * RocksDB cuts its write-ahead log at the first torn record, and says nothing: that is where a torn
 * tail goes. Whether what was cut had been acknowledged, `checkLog` learns from the mark.
 */
function openRocks(options: CompleteLogOptions): Promise<RocksDatabase> {
  const { directory, memtableBudgetBytes, blockCacheBytes } = options;
  return RocksDatabase.open({
    directory: logPath(directory),
    memtableBudgetBytes,
    blockCacheBytes,
    reclaimFirst: true,
  });
}

/** Starts the writing thread, which reads and checks the log first. */
async function startWriter(
  threadData: LogThreadData,
  signal: AbortSignal | undefined,
): Promise<Omit<OpenedLog, 'database' | 'threadData'>> {
  const writer: WriterThread = new WorkerThread(
    new URL('./writer-worker.js', import.meta.url),
    threadData,
  );
  let abort = () => {};
  try {
    const { state, readFrom } = await new Promise<ScannedLog>((resolve, reject) => {
      writer.onMessage = (answer) => {
        if (typeof answer === 'object' && answer.type === 'opened') resolve(answer);
        else reject(openingFailure(answer));
      };
      writer.onEnd = (reason) => reject(new RaftError('DATABASE_FAILED', threadEnded(reason)));
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
    });
    return { writer, state, readFrom };
  } catch (error) {
    await writer.terminate();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function threadEnded(reason: string): string {
  return `the log's writing thread ended while it opened the log: ${reason}`;
}

function openingFailure(answer: Exclude<WriterAnswer, { readonly type: 'opened' }>): Error {
  if (typeof answer === 'number') return new Error('unexpected answer');
  const { type, message } = answer;
  if (type === 'damaged') return new LogDamage(message);
  if (type === 'foreign') return new RaftError('LOG_FOREIGN', message, { details: {} });
  return new RaftError('DATABASE_FAILED', message);
}
