import { type Entry, type LogStore, type LogWrite, RaftError } from 'raft-ts';
import { entryBytes } from 'raft-ts/core';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import { copyOf, LogImage } from './log-image.js';
import { type LogDevice, VirtualLogStore } from './virtual-log-store.js';

/** A write that the process has handed over and that is not durable yet. */
interface PendingWrite {
  readonly write: LogWrite;
  readonly resolve: () => void;
  readonly reject: (error: RaftError) => void;
}

/** What those who watch the disks are told. */
export interface DiskWatcher {
  /** The process handed over a write; `replaced` is what it takes the place of. */
  handedOver(write: LogWrite, replaced: readonly Entry[]): void;
  /** It survives everything from now on. */
  durable(write: LogWrite, replaced: readonly Entry[]): void;
  /** So many writes are now being written together. */
  writing(writes: number): void;
  /** Entries are read back. */
  read(): void;
  /** A write or a read has met a disk that is not well. */
  struck(trouble: DiskTrouble): void;
}

/** How a crash met the disk. */
export interface DiskLoss {
  /** Writes that were on their way. */
  readonly underWay: number;
  /** The first so many of them survived although nobody was told. */
  readonly kept: number;
}

/** What a write or a read may meet. */
export type DiskTrouble = DiskFailure | 'slow' | 'stalled';

/** Why writes fail: there is no room, writing fails, or only making it durable does. */
export type DiskFailure = 'full' | 'write' | 'fsync';

/**
 * A member's disk. A group of writes takes a while and is durable when it is through; a crash
 * loses what waits, and keeps any first part of the group being written, in whole writes: the
 * log store's contract is that a write is never torn.
 */
export class VirtualDisk implements LogDevice {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #watcher: DiskWatcher;
  /** What survives a crash. */
  durable = new LogImage();
  /** What the process has handed over, durable or not. */
  log = new LogImage();
  /** Mean of what an fsync takes when the disk is well. */
  readonly #writeMs: number;
  /** How many times slower it is, by each of the faults that slow it down now. */
  readonly #slowness: number[] = [];
  #stalls = 0;
  /** What waits for the disk to move again. */
  #stalled: (() => void)[] = [];
  #failures: DiskFailure[] = [];
  /** Whether it has failed since it was opened. */
  hasFailed = false;
  /** Whether the damage was found, by opening or by reading; it may be overwritten meanwhile. */
  foundDamage = false;
  /** Entries with flipped bits: whoever reads one finds out. */
  readonly #damaged = new Set<number>();
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

  /** Whether writes fail now. */
  get fails(): boolean {
    return this.#failures.length > 0;
  }

  /** Whether something of what is here can't be read. */
  get damaged(): boolean {
    return this.#damaged.size > 0;
  }

  /** Whether nothing comes back from it now. */
  get isStalled(): boolean {
    return this.#stalls > 0;
  }

  /**
   * A process opens the log that is here. LOG_CORRUPT when it is damaged; with `rebuild` an empty
   * log takes its place then, that knows what the member promised: its term and its vote.
   */
  open(process: VirtualProcess, onDamage: 'fail' | 'rebuild'): LogStore {
    this.foundDamage = this.damaged;
    if (this.foundDamage) {
      if (onDamage === 'fail') throw corruptError();
      this.#rebuild();
      this.foundDamage = false;
    }
    this.#owner = process;
    this.hasFailed = false;
    this.log = this.durable.copy();
    return new VirtualLogStore(this, process, this.durable.state());
  }

  #rebuild(): void {
    const { term, votedFor } = this.durable.hardState;
    const recovery = this.#random.integer(1, 2 ** 47);
    this.wipe();
    this.durable.hardState = { term, votedFor, commit: 0, recovery };
  }

  /** Everything is gone. Nobody must have it open. */
  wipe(): void {
    this.durable = new LogImage();
    this.log = this.durable.copy();
    this.#damaged.clear();
  }

  write(given: LogWrite, resolve: () => void, reject: (error: RaftError) => void): void {
    if (this.hasFailed) {
      // Its process has not heard of it yet: it is paused, or just about to.
      this.#owner?.deliver(() => reject(new RaftError('LOG_WRITE_FAILED', 'the disk failed')));
      return;
    }
    // What the disk holds is its own, whatever becomes of what the process gave.
    const write = { ...given, entries: given.entries.map(copyOf) };
    this.#watcher.handedOver(write, this.log.take(write));
    this.#waiting.push({ write, resolve, reject });
    if (this.#writing.length === 0) this.#writeGroup();
  }

  #writeGroup(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#writing = group;
    this.#watcher.writing(group.length);
    this.#after(this.#latencyMs(), () => {
      // A crash has dealt with this group already.
      if (this.#writing !== group) return;
      const failure = this.#failures.at(-1);
      if (failure === undefined) this.#through(group);
      else this.#fail(group, failure);
      if (this.#waiting.length > 0) this.#writeGroup();
      else for (const idle of this.#onIdle.splice(0)) this.#owner?.deliver(idle);
    });
  }

  #through(group: readonly PendingWrite[]): void {
    for (const { write } of group) this.#makeDurable(write);
    this.#writing = [];
    for (const { resolve } of group) this.#owner?.deliver(resolve);
  }

  /** What was written and not made durable may be there all the same. */
  #fail(group: readonly PendingWrite[], failure: DiskFailure): void {
    this.#watcher.struck(failure);
    const kept = failure === 'fsync' ? this.#random.integer(0, group.length) : 0;
    for (const { write } of group.slice(0, kept)) this.#makeDurable(write);
    const failed = [...group, ...this.#waiting];
    this.#writing = [];
    this.#waiting = [];
    this.hasFailed = true;
    const error = new RaftError('LOG_WRITE_FAILED', `the disk failed: ${failure}`);
    for (const { reject } of failed) this.#owner?.deliver(() => reject(error));
  }

  #makeDurable(write: LogWrite): void {
    const replaced = this.durable.take(write);
    this.#forgetDamage(write);
    this.#watcher.durable(write, replaced);
  }

  /** What was overwritten or compacted away is not damaged any more. */
  #forgetDamage({ base, entries }: LogWrite): void {
    if (this.#damaged.size === 0) return;
    const firstNew = entries[0]?.index ?? Number.POSITIVE_INFINITY;
    for (const index of this.#damaged) {
      if (index <= (base?.index ?? 0) || index >= firstNew) this.#damaged.delete(index);
    }
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

  /** Every group of writes fails, until the returned function is called. */
  failWrites(failure: DiskFailure): () => void {
    this.#failures.push(failure);
    return () => {
      this.#failures.splice(this.#failures.indexOf(failure), 1);
    };
  }

  /** Flips bits in an entry that is durable, `share` of the way from the first to the last one. */
  damage(share: number): boolean {
    const { entries } = this.durable;
    const entry = entries[Math.floor(share * entries.length)];
    if (entry !== undefined) this.#damaged.add(entry.index);
    return entry !== undefined;
  }

  /** Runs `action` when the disk has worked so long. */
  #after(delayMs: number, action: () => void): void {
    this.#time.after(delayMs, () => this.#move(action));
  }

  #move(action: () => void): void {
    if (this.#stalls === 0) {
      action();
      return;
    }
    this.#watcher.struck('stalled');
    this.#stalled.push(action);
  }

  #latencyMs(): number {
    const slowness = Math.max(1, ...this.#slowness);
    if (slowness > 1) this.#watcher.struck('slow');
    const meanMs = this.#writeMs * slowness;
    return meanMs * 0.2 + this.#random.exponential(meanMs * 0.8);
  }

  /** Calls `action` when the disk has made something durable that is not part of the log. */
  afterWrite(action: () => void): void {
    const owner = this.#owner;
    this.#after(this.#latencyMs(), () => owner?.deliver(action));
  }

  /** These entries are durable, and no write under way takes their place. */
  readable(first: number, last: number): boolean {
    const { base, lastIndex } = this.durable;
    let end = lastIndex;
    for (const { write } of [...this.#writing, ...this.#waiting]) {
      const replaced = write.entries[0];
      if (replaced !== undefined) end = Math.min(end, replaced.index - 1);
      if (write.base !== undefined && write.base.index >= first) return false;
    }
    return first > base.index && first <= last && last <= end;
  }

  /** Hands over what is there when the disk is through with it; possibly nothing any more. */
  read(
    first: number,
    last: number,
    maxBytes: number,
    resolve: (entries: Entry[]) => void,
    reject: (error: RaftError) => void,
  ): void {
    const owner = this.#owner;
    this.#watcher.read();
    this.#after(this.#latencyMs() / 2, () => {
      const entries: Entry[] = [];
      let bytes = 0;
      for (let index = first; index <= last; index++) {
        const entry = this.durable.entry(index);
        if (entry === undefined) break;
        bytes += entryBytes(entry);
        if (entries.length > 0 && bytes > maxBytes) break;
        entries.push(copyOf(entry));
      }
      const damaged = entries.some(({ index }) => this.#damaged.has(index));
      if (damaged) this.foundDamage = true;
      owner?.deliver(() => (damaged ? reject(corruptError()) : resolve(entries)));
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
    const kept = group.length === 0 || this.fails ? 0 : this.#random.integer(0, group.length);
    for (const { write } of group.slice(0, kept)) this.#makeDurable(write);
    this.#writing = [];
    this.#waiting = [];
    this.#onIdle = [];
    this.#owner = undefined;
    this.log = this.durable.copy();
    return { underWay, kept };
  }
}

function corruptError(): RaftError {
  return new RaftError('LOG_CORRUPT', 'bits have flipped in this log');
}
