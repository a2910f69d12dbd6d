import {
  type Entry,
  entryBytes,
  type HardState,
  type LogState,
  type LogStore,
  type LogWrite,
  RaftError,
} from 'raft-ts';
import type { VirtualProcess } from './process.js';
import type { Random } from './random.js';
import type { VirtualTime } from './time.js';

const NO_HARD_STATE: HardState = { term: 0, votedFor: 0, commit: 0 };

/** A write that the process has handed over and that is not durable yet. */
interface PendingWrite {
  readonly write: LogWrite;
  readonly resolve: () => void;
}

/** What those who watch the disks are told. */
export interface DiskWatcher {
  /** The process handed over a write; `replaced` is what it takes the place of. */
  handedOver(write: LogWrite, replaced: readonly Entry[]): void;
  /** It survives everything from now on. */
  durable(write: LogWrite, replaced: readonly Entry[]): void;
  /** Entries are read back. */
  read(): void;
}

/** How a crash met the disk. */
export interface DiskLoss {
  /** Writes that were on their way. */
  readonly underWay: number;
  /** The first so many of them survived although nobody was told. */
  readonly kept: number;
}

/**
 * A member's disk. A group of writes takes a while and is durable when it is through; a crash
 * loses what waits, and keeps any first part of the group being written, in whole writes: the
 * log store's contract is that a write is never torn.
 */
export class VirtualDisk {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #watcher: DiskWatcher;
  /** What survives a crash. */
  readonly entries: Entry[] = [];
  hardState: HardState = NO_HARD_STATE;
  /** What the process has handed over, durable or not. */
  log: Entry[] = [];
  /** Mean of what an fsync takes when the disk is well. */
  readonly #writeMs: number;
  /** How many times slower it is, by each of the faults that slow it down now. */
  readonly #slowness: number[] = [];
  #stalls = 0;
  /** What waits for the disk to move again. */
  #stalled: (() => void)[] = [];
  #waiting: PendingWrite[] = [];
  #writing: PendingWrite[] = [];
  #onIdle: (() => void)[] = [];
  #owner: VirtualProcess | undefined;

  constructor(time: VirtualTime, random: Random, writeMs: number, watcher: DiskWatcher) {
    this.#time = time;
    this.#random = random;
    this.#writeMs = writeMs;
    this.#watcher = watcher;
  }

  state(): LogState {
    const termRuns: { index: number; term: number }[] = [];
    for (const { index, term } of this.entries) {
      if (termRuns.at(-1)?.term !== term) termRuns.push({ index, term });
    }
    return { hardState: this.hardState, firstIndex: 1, lastIndex: this.entries.length, termRuns };
  }

  /** A process opens the log that is here. */
  open(process: VirtualProcess): LogStore {
    this.#owner = process;
    this.log = [...this.entries];
    return new VirtualLogStore(this, process, this.state());
  }

  write(write: LogWrite, resolve: () => void): void {
    this.#watcher.handedOver(write, replaceTail(this.log, write));
    this.#waiting.push({ write, resolve });
    if (this.#writing.length === 0) this.#writeGroup();
  }

  #writeGroup(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#writing = group;
    this.#after(this.#latencyMs(), () => {
      // A crash has dealt with this group already.
      if (this.#writing !== group) return;
      for (const { write } of group) this.#makeDurable(write);
      this.#writing = [];
      for (const { resolve } of group) this.#owner?.deliver(resolve);
      if (this.#waiting.length > 0) this.#writeGroup();
      else for (const idle of this.#onIdle.splice(0)) this.#owner?.deliver(idle);
    });
  }

  #makeDurable(write: LogWrite): void {
    const replaced = replaceTail(this.entries, write);
    if (write.hardState !== undefined) this.hardState = write.hardState;
    this.#watcher.durable(write, replaced);
  }

  /** Returns what ends it. */
  slowDown(factor: number): () => void {
    this.#slowness.push(factor);
    return () => {
      this.#slowness.splice(this.#slowness.indexOf(factor), 1);
    };
  }

  /** Nothing comes back from the disk any more, until the returned function is called. */
  stall(): () => void {
    this.#stalls++;
    return () => {
      if (--this.#stalls > 0) return;
      for (const action of this.#stalled.splice(0)) this.#time.after(0, () => this.#move(action));
    };
  }

  /** Runs `action` when the disk has worked so long. */
  #after(delayMs: number, action: () => void): void {
    this.#time.after(delayMs, () => this.#move(action));
  }

  #move(action: () => void): void {
    if (this.#stalls > 0) this.#stalled.push(action);
    else action();
  }

  #latencyMs(): number {
    const meanMs = this.#writeMs * Math.max(1, ...this.#slowness);
    return meanMs * 0.2 + this.#random.exponential(meanMs * 0.8);
  }

  /** Entries up to here are durable, and no write under way replaces them. */
  get readableTo(): number {
    let last = this.entries.length;
    for (const { write } of [...this.#writing, ...this.#waiting]) {
      const first = write.entries[0];
      if (first !== undefined) last = Math.min(last, first.index - 1);
    }
    return last;
  }

  /** Hands over what is there when the disk is through with it; possibly nothing any more. */
  read(first: number, last: number, maxBytes: number, resolve: (entries: Entry[]) => void): void {
    const owner = this.#owner;
    this.#watcher.read();
    this.#after(this.#latencyMs() / 2, () => {
      const entries: Entry[] = [];
      let bytes = 0;
      for (const entry of this.entries.slice(first - 1, last)) {
        bytes += entryBytes(entry);
        if (entries.length > 0 && bytes > maxBytes) break;
        entries.push(entry);
      }
      owner?.deliver(() => resolve(entries));
    });
  }

  whenIdle(resolve: () => void): void {
    if (this.#writing.length === 0) resolve();
    else this.#onIdle.push(resolve);
  }

  /** The machine loses power: what is here is what the next process finds. */
  crash(): DiskLoss {
    const group = this.#writing;
    const underWay = group.length + this.#waiting.length;
    const kept = group.length === 0 ? 0 : this.#random.integer(0, group.length);
    for (const { write } of group.slice(0, kept)) this.#makeDurable(write);
    this.#writing = [];
    this.#waiting = [];
    this.#onIdle = [];
    this.#owner = undefined;
    this.log = [...this.entries];
    return { underWay, kept };
  }
}

const NOTHING: readonly Entry[] = [];

/** Returns what had to make room. */
function replaceTail(log: Entry[], { entries }: LogWrite): readonly Entry[] {
  const first = entries[0];
  if (first === undefined) return NOTHING;
  if (first.index > log.length + 1) {
    throw new RaftError(
      'LOG_WRITE_FAILED',
      `entry ${first.index} leaves a hole behind ${log.length}`,
    );
  }
  const replaced = first.index > log.length ? NOTHING : log.splice(first.index - 1);
  for (const entry of entries) log.push(entry);
  return replaced;
}

/** The log store of one life of a member, over its disk. */
class VirtualLogStore implements LogStore {
  readonly initial: LogState;
  readonly #disk: VirtualDisk;
  readonly #process: VirtualProcess;
  #closed = false;

  constructor(disk: VirtualDisk, process: VirtualProcess, initial: LogState) {
    this.#disk = disk;
    this.#process = process;
    this.initial = initial;
  }

  write(write: LogWrite): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve) => {
      if (!this.#process.ended) this.#disk.write(write, resolve);
    });
  }

  read(first: number, last: number, maxBytes: number): Promise<Entry[]> {
    if (this.#closed) return Promise.reject(closedError());
    const unavailable = () =>
      new RaftError('LOG_UNAVAILABLE', `entries ${first}..${last} are not in this log`);
    if (first < 1 || first > last || last > this.#disk.readableTo) {
      return Promise.reject(unavailable());
    }
    return new Promise((resolve, reject) => {
      this.#disk.read(first, last, maxBytes, (entries) => {
        if (entries.length > 0) resolve(entries);
        else reject(unavailable());
      });
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => this.#disk.whenIdle(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function closedError(): RaftError {
  return new RaftError('LOG_CLOSED', 'this log is closed');
}
