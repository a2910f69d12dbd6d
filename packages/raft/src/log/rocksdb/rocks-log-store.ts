import { abortable, systemClock } from '@raft-ts/net';
import { completeOptions } from '@raft-ts/net/options';
import type { Entry } from '../../core/log/entry.js';
import type { LogState } from '../../core/log/log-state.js';
import { isRaftError, optionsInvalid, RaftError } from '../../errors.js';
import { checkReadable } from '../check-readable.js';
import { OUTLINE_EVERY_BYTES, Outlining } from '../durable/outlining.js';
import { logEnds } from '../durable/packed-write-group.js';
import { WriteQueue } from '../durable/write-queue.js';
import type { LogStore, LogWrite } from '../log-store.js';
import { LogTail } from '../log-tail.js';
import { corrupt, writeFailed } from './log-error.js';
import { logOptionsForm, type RocksLogStoreOptions } from './log-options.js';
import { LogReader } from './log-reader.js';
import { type OpenedLog, openLog } from './open-log.js';
import { openOutlineFile } from './open-outline-file.js';
import { RestCheck } from './rest-check.js';
import type { WriterAnswer } from './worker-protocol.js';

/** Bytes of writes packed to be written together; a larger write makes a write group by itself. */
const WRITE_GROUP_BYTES = 1024 * 1024;

/**
 * A log in RocksDB, written by a thread of its own. See docs/decisions/0002-log-and-mark.md.
 *
 * Opening reads the end of the log, some 16 MiB of entries, and what came before little by little afterwards:
 * damage there is LOG_CORRUPT for the writes that follow. Errors: OPTIONS_INVALID, LOG_FOREIGN (the
 * directory belongs to another member or cluster), LOG_LOCKED (another process has it open),
 * LOG_CORRUPT, LOG_FULL, DATABASE_FAILED (the directory can't be made, read or written).
 */
export class RocksLogStore implements LogStore {
  readonly initial: LogState;
  readonly #directory: string;
  readonly #opened: OpenedLog;
  readonly #queue: WriteQueue;
  readonly #tail: LogTail;
  readonly #outlining: Outlining;
  readonly #restCheck: RestCheck;
  #reader: LogReader | undefined;
  /** Entries up to here may be read: they are durable, and no write that waits replaces them. */
  #readableTo: number;
  /** Writes so far that replaced entries. */
  #replacements = 0;
  /** The lowest index that each of the writes that wait replaces, where they replace any. */
  readonly #replacing: number[] = [];
  #failure: RaftError | undefined;
  #damaged = false;
  #closing: Promise<void> | undefined;

  private constructor(opened: OpenedLog) {
    this.initial = opened.state;
    this.#directory = opened.threadData.directory;
    this.#opened = opened;
    this.#tail = new LogTail(opened.state);
    this.#outlining = new Outlining(OUTLINE_EVERY_BYTES, opened);
    this.#readableTo = opened.state.lastIndex;
    this.#queue = new WriteQueue(WRITE_GROUP_BYTES, (memory) => opened.writer.post(memory));
    this.#restCheck = new RestCheck({
      clock: systemClock,
      first: this.#tail.firstIndex,
      last: opened.readFrom - 1,
      check: (first, last, maxBytes) => this.#check(first, last, maxBytes),
      onFailure: (error) => this.#fail(error),
    });
  }

  static async open(options: RocksLogStoreOptions): Promise<RocksLogStore> {
    const opened = await openLog(completeOptions(logOptionsForm, options, optionsInvalid));
    const store = new RocksLogStore(opened);
    opened.writer.onMessage = (answer) => store.#answered(answer);
    opened.writer.onEnd = (reason) =>
      store.#fail(writeFailed(store.#directory, `the writing thread ended: ${reason}`));
    return store;
  }

  write(write: LogWrite): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#assertWritable();
      const change = this.#tail.accept(write);
      if (change.replacedFrom > 0) {
        this.#replacements++;
        this.#replacing.push(change.replacedFrom);
        this.#readableTo = Math.min(this.#readableTo, change.replacedFrom - 1);
        this.#restCheck.truncateFrom(change.replacedFrom);
      }
      this.#restCheck.beginAt(this.#tail.firstIndex);
      const outline = this.#outlining.after(write, change, this.#tail);
      this.#queue.add({ write, change, outline, end: logEnds(this.#tail), resolve, reject });
    });
  }

  async read(
    first: number,
    last: number,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Entry[]> {
    signal?.throwIfAborted();
    if (this.#closing !== undefined) throw closed(this.#directory);
    checkReadable(first, last, this.#tail.firstIndex, this.#readableTo);
    const replacements = this.#replacements;
    const read = this.#logReader.read(first, last, maxBytes).catch((error: unknown) => {
      // Not damage, if it has been compacted away meanwhile.
      this.#checkNotCompacted(first, last);
      throw this.#remembered(error);
    });
    const entries = await abortable(read, signal);
    if (entries.length > 0) return entries;
    this.#checkNotCompacted(first, last);
    // What was there has been replaced by a shorter tail meanwhile, or it is gone.
    if (replacements !== this.#replacements) checkReadable(first, last, 1, this.#readableTo);
    throw this.#remembered(corrupt(this.#directory, `entry ${first} is missing`));
  }

  async #check(first: number, last: number, maxBytes: number): Promise<number> {
    const whole = await this.#logReader.check(first, last, maxBytes);
    if (whole === 0) throw corrupt(this.#directory, `entry ${first} is missing`);
    return whole;
  }

  /** Started when it is first needed. */
  get #logReader(): LogReader {
    this.#reader ??= new LogReader(this.#opened.threadData);
    return this.#reader;
  }

  /** Whoever opens a damaged log next reads all of it, and finds that. */
  #remembered(error: unknown): unknown {
    if (isRaftError(error, 'LOG_CORRUPT')) {
      this.#damaged = true;
      openOutlineFile(this.#directory).remove();
    }
    return error;
  }

  #checkNotCompacted(first: number, last: number): void {
    const { firstIndex, lastIndex } = this.#tail;
    if (first < firstIndex) checkReadable(first, last, firstIndex, lastIndex);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#restCheck.close();
    await this.#queue.idle();
    this.#opened.writer.post('close');
    await this.#opened.writer.ended;
    // The writing thread may have written another one meanwhile.
    if (this.#damaged) openOutlineFile(this.#directory).remove();
    await this.#reader?.close();
    try {
      await this.#opened.database.close();
    } catch (error) {
      // RocksDB repeats on closing what a failed write has told already.
      if (this.#failure === undefined) throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answered(answer: WriterAnswer): void {
    if (typeof answer !== 'number') {
      const reason = 'message' in answer ? answer.message : 'unexpected answer';
      const damaged = answer.type === 'failed' && answer.damaged;
      this.#fail((damaged ? corrupt : writeFailed)(this.#directory, reason));
      return;
    }
    const writes = this.#queue.completed(answer);
    const durable = writes.at(-1)?.end.lastIndex ?? this.#readableTo;
    for (const { change } of writes) if (change.replacedFrom > 0) this.#replacing.shift();
    this.#readableTo = this.#replacing.reduce((to, from) => Math.min(to, from - 1), durable);
    for (const { resolve } of writes) resolve();
  }

  #fail(failure: RaftError): void {
    this.#failure ??= failure;
    this.#remembered(failure);
    for (const { reject } of this.#queue.abandon()) reject(this.#failure);
  }

  #assertWritable(): void {
    if (this.#closing !== undefined) throw closed(this.#directory);
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function closed(directory: string): RaftError {
  return new RaftError('LOG_CLOSED', `the log in ${directory} is closed`);
}
