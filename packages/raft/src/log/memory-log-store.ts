import { EMPTY_HARD_STATE, type Entry, type HardState, upToBytes } from '../core/log/entry.js';
import { EMPTY_BASE, type LogBase, type LogState } from '../core/log/log-state.js';
import { logStateOf } from '../core/log/log-state-of.js';
import { RaftError } from '../errors.js';
import { checkReadable } from './check-readable.js';
import type { LogStore, LogWrite } from './log-store.js';
import { LogTail } from './log-tail.js';

/** What a MemoryLogStore leaves behind for the next one: the disk of a test. */
export class MemoryLogDisk {
  base: LogBase = EMPTY_BASE;
  /** Those behind the base: the first one's index is `base.index + 1`. */
  readonly entries: Entry[] = [];
  hardState: HardState = EMPTY_HARD_STATE;
  inUse = false;

  get lastIndex(): number {
    return this.base.index + this.entries.length;
  }

  state(): LogState {
    return logStateOf(this.hardState, this.base, [...this.entries]);
  }

  /** Takes over what has become durable. The caller sees to it that it fits; see LogWrite. */
  write({ hardState, base, entries }: LogWrite): void {
    if (base !== undefined) this.#beginAt(base);
    const first = entries[0];
    if (first !== undefined) this.entries.length = first.index - this.base.index - 1;
    for (const entry of entries) this.entries.push(entry);
    this.hardState = hardState ?? this.hardState;
  }

  #beginAt(base: LogBase): void {
    const cut = base.index - this.base.index;
    const entry = this.entries[cut - 1];
    const has = cut === 0 || entry?.term === base.term;
    this.entries.splice(0, has ? cut : this.entries.length);
    this.base = base;
  }

  /** LOG_UNAVAILABLE unless all of `first` to `last` is there; see LogStore. */
  read(first: number, last: number, maxBytes: number): Entry[] {
    checkReadable(first, last, this.base.index + 1, this.lastIndex);
    const { index } = this.base;
    return upToBytes(this.entries.slice(first - index - 1, last - index), maxBytes);
  }
}

/** A log on the heap, for tests and for state that may be lost. Grows until it is compacted. */
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
    this.#tail.accept(write);
    this.#disk.write(write);
  }

  async read(
    first: number,
    last: number,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Entry[]> {
    this.#assertOpen();
    signal?.throwIfAborted();
    return this.#disk.read(first, last, maxBytes);
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
