import { type Entry, entryBytes, type HardState } from '../core/entry.js';
import type { LogState, TermRun } from '../core/log-state.js';
import { RaftError } from '../errors.js';
import type { LogStore, LogWrite } from './log-store.js';
import { LogTail } from './log-tail.js';
import { checkReadable } from './readable.js';

/** What a MemoryLogStore leaves behind for the next one: the disk of a test. */
export class MemoryLogDisk {
  /** Entry `index` stands at place `index - 1`. */
  readonly entries: Entry[] = [];
  hardState: HardState = { term: 0, votedFor: 0, commit: 0 };
  inUse = false;

  state(): LogState {
    const termRuns: TermRun[] = [];
    for (const { index, term } of this.entries) {
      if (termRuns.at(-1)?.term !== term) termRuns.push({ index, term });
    }
    return {
      hardState: this.hardState,
      firstIndex: 1,
      lastIndex: this.entries.length,
      termRuns,
    };
  }
}

/** A log on the heap, for tests and for state that may be lost. Grows without limit. */
export class MemoryLogStore implements LogStore {
  readonly initial: LogState;
  readonly #disk: MemoryLogDisk;
  readonly #tail: LogTail;
  #closed = false;

  private constructor(disk: MemoryLogDisk) {
    this.#disk = disk;
    this.initial = disk.state();
    this.#tail = new LogTail(this.initial);
  }

  /** Opens what an earlier store left on `disk`. LOG_LOCKED while that one is open. */
  static open(disk = new MemoryLogDisk()): MemoryLogStore {
    if (disk.inUse) throw new RaftError('LOG_LOCKED', 'this log is open already: close it first');
    disk.inUse = true;
    return new MemoryLogStore(disk);
  }

  async write(write: LogWrite): Promise<void> {
    this.#assertOpen();
    const { replacedFrom } = this.#tail.accept(write);
    if (replacedFrom > 0) this.#disk.entries.length = replacedFrom - 1;
    for (const entry of write.entries) this.#disk.entries.push(entry);
    this.#disk.hardState = this.#tail.hardState;
  }

  async read(
    first: number,
    last: number,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Entry[]> {
    this.#assertOpen();
    signal?.throwIfAborted();
    checkReadable(first, last, 1, this.#disk.entries.length);
    const result: Entry[] = [];
    let bytes = 0;
    for (const entry of this.#disk.entries.slice(first - 1, last)) {
      bytes += entryBytes(entry);
      if (result.length > 0 && bytes > maxBytes) break;
      result.push(entry);
    }
    return result;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#disk.inUse = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new RaftError('LOG_CLOSED', 'this log is closed');
  }
}
