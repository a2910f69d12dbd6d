import type { Entry, EntryType } from '../../core/log/entry.js';
import { RaftError } from '../../errors.js';
import { corrupt } from './log-error.js';
import type {
  LogThreadData,
  ReadEntries,
  ReaderAnswer,
  ReaderRequest,
  ReadFailure,
} from './worker-protocol.js';
import { WorkerThread } from './worker-thread.js';

interface PendingRead {
  readonly answered: (answer: Exclude<ReaderAnswer, { readonly failure: ReadFailure }>) => void;
  readonly reject: (error: RaftError) => void;
}

/**
 * Reads entries in a thread of its own: finding the first row waits for the disk in every call
 * that the binding has, and checking checksums takes time that the event loop is better without.
 */
export class LogReader {
  readonly #thread: WorkerThread<ReaderRequest | 'close', ReaderAnswer>;
  readonly #directory: string;
  readonly #pending = new Map<number, PendingRead>();
  #lastId = 0;
  /** Why the thread is gone. */
  #failure: RaftError | undefined;

  constructor(data: LogThreadData) {
    this.#directory = data.directory;
    this.#thread = new WorkerThread(new URL('./reader-worker.js', import.meta.url), data);
    this.#thread.onMessage = (answer) => this.#answered(answer);
    this.#thread.onEnd = (reason) => this.#ended(reason);
  }

  /** Fewer entries than asked for, possibly none, where the log ends or `maxBytes` is reached. */
  async read(first: number, last: number, maxBytes: number): Promise<Entry[]> {
    const answer = await this.#ask({ checks: false, first, last, maxBytes });
    return 'fields' in answer ? unpack(first, answer) : [];
  }

  /** As `read`, but resolves only with how many they are. */
  async check(first: number, last: number, maxBytes: number): Promise<number> {
    const answer = await this.#ask({ checks: true, first, last, maxBytes });
    return 'whole' in answer ? answer.whole : 0;
  }

  #ask(request: Omit<ReaderRequest, 'id'>): Promise<Parameters<PendingRead['answered']>[0]> {
    return new Promise((answered, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      const id = ++this.#lastId;
      this.#pending.set(id, { answered, reject });
      this.#thread.post({ id, ...request });
    });
  }

  /** Lets the reads that were asked for finish. */
  async close(): Promise<void> {
    this.#thread.post('close');
    await this.#thread.ended;
  }

  #answered(answer: ReaderAnswer): void {
    const read = this.#pending.get(answer.id);
    if (read === undefined) return;
    this.#pending.delete(answer.id);
    if ('failure' in answer) read.reject(this.#readFailed(answer.failure));
    else read.answered(answer);
  }

  #readFailed({ damaged, message }: ReadFailure): RaftError {
    return damaged ? corrupt(this.#directory, message) : new RaftError('DATABASE_FAILED', message);
  }

  #ended(reason: string): void {
    const failure = new RaftError('DATABASE_FAILED', `the log's reading thread ended: ${reason}`);
    this.#failure = failure;
    for (const read of this.#pending.values()) read.reject(failure);
    this.#pending.clear();
  }
}

function unpack(first: number, { fields, payloads }: ReadEntries): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const length = fields[i + 2] ?? 0;
    entries.push({
      index: first + i / 3,
      term: fields[i] ?? 0,
      type: fields[i + 1] as EntryType,
      data: payloads.subarray(at, at + length),
    });
    at += length;
  }
  return entries;
}
