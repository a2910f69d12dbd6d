import type { LogBase } from '../../core/log/log-state.js';
import { RaftError } from '../../errors.js';
import { WorkerThread } from '../../log/rocksdb/worker-thread.js';
import type { RocksDatabase } from '../../rocksdb/database.js';
import type { SnapshotManifest } from '../snapshot-block.js';
import type { SnapshotWriting } from '../snapshot-file.js';
import { encodeHeader, type SnapshotHeader } from '../snapshot-header.js';
import { decodeManifest } from '../snapshot-parser.js';
import type { SnapshotState } from '../snapshot-state.js';
import type { RowsAnswer, RowsRequest, RowsThreadData } from './rows-protocol.js';
import { errorOf } from './thread-failure.js';

/**
 * All rows of a RocksDB database as they are at one moment, read and written into a snapshot in a
 * thread of its own: reading costs about 2 µs a row, which the event loop is better without.
 *
 * ```ts
 * await using rows = await RocksSnapshotRows.start(database);
 * const state = await rows.hold(replica.baseAt(machine.appliedIndex));
 * ```
 */
export class RocksSnapshotRows implements AsyncDisposable {
  readonly #thread: WorkerThread<RowsRequest, RowsAnswer>;
  #ended: RaftError | undefined;
  #answered: (answer: RowsAnswer) => void = () => {};
  #failed: (error: Error) => void = () => {};
  #progress: (rows: number, bytes: number) => void = () => {};

  private constructor(database: RocksDatabase) {
    const data: RowsThreadData = { handle: database.handle, directory: database.directory };
    this.#thread = new WorkerThread(new URL('./rows-worker.js', import.meta.url), data);
    this.#thread.onMessage = (answer) => {
      if (answer.type === 'progress') this.#progress(answer.rows, answer.bytes);
      else if (answer.type === 'failed') this.#failed(errorOf(answer.failure));
      else this.#answered(answer);
    };
    this.#thread.onEnd = (reason) => {
      this.#ended = new RaftError('SNAPSHOT_FAILED', `the thread of a snapshot ended: ${reason}`);
      this.#failed(this.#ended);
    };
  }

  /** Starts the thread. Dispose of it, or of the state that it holds, before the database is closed. */
  static async start(database: RocksDatabase): Promise<RocksSnapshotRows> {
    const rows = new RocksSnapshotRows(database);
    await rows.#next();
    return rows;
  }

  /**
   * Takes hold of the rows, which are a state as of `base`: whoever writes to the database has to wait
   * until this resolves, some milliseconds at most. Once.
   */
  async hold(base: LogBase): Promise<SnapshotState> {
    await this.#ask({ type: 'hold' });
    return {
      base,
      contents: 'rows',
      write: (path, header, writing) => this.#write(path, header, writing),
      [Symbol.asyncDispose]: () => this[Symbol.asyncDispose](),
    };
  }

  /** Lets go of the rows, and ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended === undefined) {
      this.#thread.post({ type: 'abort' });
      this.#thread.post({ type: 'close' });
    }
    await this.#thread.ended;
  }

  async #write(
    path: string,
    header: SnapshotHeader,
    { signal, rate, progress }: SnapshotWriting,
  ): Promise<SnapshotManifest> {
    signal.throwIfAborted();
    const abort = () => this.#thread.post({ type: 'abort' });
    signal.addEventListener('abort', abort, { once: true });
    this.#progress = progress ?? (() => {});
    try {
      const answer = await this.#ask({
        type: 'write',
        path,
        header: encodeHeader(header),
        bytesPerSecond: rate?.perSecond ?? Number.POSITIVE_INFINITY,
      });
      if (answer.type === 'written') return decodeManifest(Buffer.from(answer.manifest));
      throw new RaftError('SNAPSHOT_FAILED', 'the thread of a snapshot gave another answer');
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #ask(request: RowsRequest): Promise<RowsAnswer> {
    const answer = this.#next();
    this.#thread.post(request);
    return answer;
  }

  #next(): Promise<RowsAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      this.#answered = resolve;
      this.#failed = reject;
    });
  }
}
