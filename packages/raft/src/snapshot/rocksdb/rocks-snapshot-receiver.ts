import { Fifo } from '@raft-ts/net';
import { callback, completeOptions, type OptionsForm, text } from '@raft-ts/net/options';
import { invariant } from '../../core/invariant.js';
import { optionsInvalid, RaftError } from '../../errors.js';
import { WorkerThread } from '../../log/rocksdb/worker-thread.js';
import { receivedPath, replaceDirectory } from '../replace-directory.js';
import {
  encodeManifest,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
} from '../snapshot-block.js';
import { decodeManifest } from '../snapshot-parser.js';
import type { SnapshotReceiver } from '../snapshot-receiver.js';
import type { FetchedSnapshot } from '../snapshot-source.js';
import { WholeSnapshot } from '../whole-snapshot.js';
import { positionOf, type ReceiverAnswer, type ReceiverRequest } from './receiver-protocol.js';
import { errorOf } from './thread-failure.js';

export interface RocksSnapshotReceiverOptions {
  /**
   * The database that is the state. Rows are received beside it, in `DIRECTORY.received`; call
   * `finishReplacing` before it is opened.
   */
  readonly directory: string;
  /**
   * Closes the database, calls `replace`, and opens it again: rows and all that was read of them before
   * count for nothing then.
   */
  readonly install: (replace: () => Promise<void>) => Promise<void>;
}

const optionsForm: OptionsForm<RocksSnapshotReceiverOptions, Record<never, never>> = {
  fields: { directory: text, install: callback() },
  defaults: {},
};

/** Blocks that are with the thread: while it writes one, the next is checked. */
const MAX_BLOCKS_AHEAD = 2;

interface Waiting {
  readonly answered: (answer: ReceiverAnswer) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Receives the rows of a state into a RocksDB database beside the one that they are going to replace,
 * in a thread of its own: the event loop goes on.
 */
export class RocksSnapshotReceiver implements SnapshotReceiver, AsyncDisposable {
  readonly #options: RocksSnapshotReceiverOptions;
  readonly #waiting = new Fifo<Waiting>();
  #thread: WorkerThread<ReceiverRequest, ReceiverAnswer> | undefined;
  #begun: SnapshotManifest | undefined;
  readonly #whole = new WholeSnapshot();
  /** Blocks that are not written yet, the first one first. */
  #ahead: Promise<ReceiverAnswer>[] = [];

  /** Throws OPTIONS_INVALID. */
  constructor(options: RocksSnapshotReceiverOptions) {
    this.#options = completeOptions(optionsForm, options, optionsInvalid);
  }

  async begun(): Promise<SnapshotManifest | undefined> {
    await this.#settle();
    const answer = await this.#ask({ type: 'begun' });
    invariant(answer.type === 'begun', 'another answer came first');
    return answer.manifest && decodeManifest(Buffer.from(answer.manifest));
  }

  async begin(manifest: SnapshotManifest): Promise<SnapshotPosition> {
    // At once: what lies there may be given up before the thread has begun.
    this.#whole.forget();
    await this.#settle();
    const answer = await this.#ask({ type: 'begin', manifest: encodeManifest(manifest) });
    invariant(answer.type === 'position', 'another answer came first');
    this.#begun = manifest;
    return positionOf(answer.position);
  }

  async accept({ payload, rows, end }: SnapshotBlock): Promise<void> {
    const written = this.#ask({ type: 'accept', payload, rows, end });
    // Told to whoever waits for it, which is a later call.
    written.catch(() => {});
    this.#ahead.push(written);
    if (this.#ahead.length > MAX_BLOCKS_AHEAD) await this.#ahead.shift();
  }

  async complete(): Promise<FetchedSnapshot> {
    const manifest = this.#begun;
    invariant(manifest !== undefined, 'no snapshot was begun');
    await Promise.all(this.#ahead.splice(0));
    await this.#ask({ type: 'complete' });
    const { directory, install } = this.#options;
    return this.#whole.hold(manifest.header.base, {
      install: () => install(() => replaceDirectory(directory)),
      remove: () => this.discard(),
    });
  }

  async discard(): Promise<void> {
    this.#whole.forget();
    await this.#settle();
    await this.#ask({ type: 'discard' });
  }

  /** Ends the thread; what was begun stays on the disk. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    await this.#settle();
    await this.#ask({ type: 'close' });
    await thread.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What was accepted is written, or was not: the next answer of the thread says what is there. */
  async #settle(): Promise<void> {
    await Promise.allSettled(this.#ahead.splice(0));
  }

  async #ask(request: ReceiverRequest): Promise<ReceiverAnswer> {
    const thread = this.#started();
    const answer = await new Promise<ReceiverAnswer>((answered, failed) => {
      this.#waiting.push({ answered, failed });
      thread.post(request);
    });
    if (answer.type === 'failed') throw errorOf(answer.failure);
    return answer;
  }

  #started(): WorkerThread<ReceiverRequest, ReceiverAnswer> {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new WorkerThread<ReceiverRequest, ReceiverAnswer>(
      new URL('./receiver-worker.js', import.meta.url),
      receivedPath(this.#options.directory),
    );
    thread.onMessage = (answer) => this.#waiting.shift()?.answered(answer);
    thread.onEnd = (reason) => {
      this.#thread = undefined;
      const failure = new RaftError('SNAPSHOT_FAILED', `the receiving thread ended: ${reason}`);
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        next.failed(failure);
      }
    };
    this.#thread = thread;
    return thread;
  }
}
