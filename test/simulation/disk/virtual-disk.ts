import { isDeepStrictEqual } from 'node:util';
import {
  type Entry,
  type HardState,
  type LogState,
  type LogStore,
  type LogWrite,
  RaftError,
} from 'raft-ts';
import { entryBytes } from 'raft-ts/core';
import { isDamage } from 'raft-ts/testing';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import { CommittedLog, type CrashSight } from './committed-log.js';
import type { LogFiles } from './log-files.js';
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
  /** So many writes are now being written together; whether one of them replaces entries. */
  writing(writes: number, replaces: boolean): void;
  /** Entries are read back. */
  read(): void;
  /** A write or a read has met a disk that is not well. */
  struck(trouble: DiskTrouble): void;
  /** How a crash has met the steps of a write. */
  crashed(sight: CrashSight): void;
  /** An empty log has taken the place of a damaged one. */
  rebuilt(hardState: HardState): void;
  /** A log was opened and not all of it was read. */
  outlined(): void;
  /** What the log's code has found is not what is there. */
  misread(what: string): void;
}

export interface VirtualDiskOptions {
  /** Mean of what an fsync takes when the disk is well. */
  readonly writeMs: number;
  /** Bytes of a group of writes in the product's log; 0 for a log that is kept as a whole. */
  readonly groupBytes: number;
  /** Bytes of entries that the product's log has behind its outline, before that is written anew. */
  readonly outlineBytes: number;
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

/** What a disk held at some moment. */
export interface DiskCopy {
  readonly image: LogImage;
  readonly files: LogFiles | undefined;
}

/**
 * A member's disk. A group of writes takes a while and is durable when it is through; a crash
 * loses what waits, and keeps any first part of the group being written, in whole writes: the
 * log store's contract is that a write is never torn. With the product's log, what a crash keeps is
 * what that makes of the steps that had happened.
 */
export class VirtualDisk implements LogDevice {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #watcher: DiskWatcher;
  /** What survives a crash. */
  durable = new LogImage();
  /** What the process has handed over, durable or not. */
  log = new LogImage();
  readonly #options: VirtualDiskOptions;
  /** The product's log, where it is what lies here. */
  readonly #committed: CommittedLog | undefined;
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

  constructor(
    time: VirtualTime,
    random: Random,
    options: VirtualDiskOptions,
    watcher: DiskWatcher,
  ) {
    this.#time = time;
    this.#random = random;
    this.#options = options;
    this.#watcher = watcher;
    if (options.groupBytes === 0) return;
    this.#committed = new CommittedLog({
      random: random.fork('committed log'),
      groupBytes: options.groupBytes,
      outlineBytes: options.outlineBytes,
      syncInBackground: (done) => this.#syncInBackground(done),
      onSight: (sight) => watcher.crashed(sight),
      onMarkFailure: () => {
        this.hasFailed = true;
      },
    });
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
    this.#owner = process;
    this.hasFailed = false;
    let state = this.#find(process);
    if (state === undefined) {
      if (onDamage === 'fail') throw corruptError();
      this.#rebuild();
      state = this.#find(process);
    }
    if (state === undefined) throw corruptError();
    this.log = this.durable.copy();
    return new VirtualLogStore(this, process, state);
  }

  /** Undefined when it is damaged. */
  #find(process: VirtualProcess): LogState | undefined {
    this.foundDamage = false;
    const there = this.durable.state();
    if (this.#committed === undefined) {
      this.foundDamage = this.damaged;
      return this.foundDamage ? undefined : there;
    }
    try {
      const { state, readFrom } = this.#committed.open(process.clock);
      if (readFrom > there.base.index + 1) this.#watcher.outlined();
      if ([...this.#damaged].some((index) => index >= readFrom)) {
        this.#watcher.misread('damage of a log was not found');
      } else if (!sameState(state, there)) {
        this.#watcher.misread(`found ${JSON.stringify(state)}, not ${JSON.stringify(there)}`);
      }
      return state;
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.foundDamage = true;
      if (!this.damaged) this.#watcher.misread(`took a whole log for damaged: ${error}`);
      return undefined;
    }
  }

  #rebuild(): void {
    const recovery = this.#random.integer(1, 2 ** 47);
    const { term, votedFor } = this.durable.hardState;
    const hardState = this.#committed?.rebuild(recovery) ?? { term, votedFor, commit: 0, recovery };
    this.#forget();
    this.durable.hardState = hardState;
    this.#watcher.rebuilt(hardState);
  }

  /** Everything is gone. Nobody must have it open. */
  wipe(): void {
    this.#committed?.wipe();
    this.#forget();
  }

  /** What is here. Nobody must have it open. */
  copy(): DiskCopy {
    return { image: this.durable.copy(), files: this.#committed?.copyFiles() };
  }

  /** An older copy takes the place of what is here. Nobody must have it open. */
  putBack({ image, files }: DiskCopy): void {
    this.#forget();
    this.durable = image.copy();
    this.log = this.durable.copy();
    if (files !== undefined) this.#committed?.putBack(files);
  }

  #forget(): void {
    this.durable = new LogImage();
    this.log = this.durable.copy();
    this.#damaged.clear();
  }

  write(given: LogWrite, resolve: () => void, reject: (error: RaftError) => void): void {
    // What the disk holds is its own, whatever becomes of what the process gave.
    const write = { ...given, entries: given.entries.map(copyOf) };
    this.#watcher.handedOver(write, this.log.take(write));
    if (this.hasFailed) {
      // Its process has not heard of it yet: it is paused, or just about to. Until then it counts
      // on this write as on any other.
      this.#owner?.deliver(() => reject(new RaftError('LOG_WRITE_FAILED', 'the disk failed')));
      return;
    }
    this.#waiting.push({ write, resolve, reject });
    if (this.#writing.length === 0) this.#writeGroup();
  }

  #writeGroup(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#writing = group;
    this.#committed?.begin(group.map(({ write }) => write));
    const replaces = group.some(({ write }) => this.#replaces(write));
    this.#watcher.writing(group.length, replaces);
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

  #replaces({ entries: [first] }: LogWrite): boolean {
    return first !== undefined && first.index <= this.durable.lastIndex;
  }

  #through(group: readonly PendingWrite[]): void {
    this.#committed?.through();
    for (const { write } of group) this.#makeDurable(write);
    this.#writing = [];
    for (const { resolve } of group) this.#owner?.deliver(resolve);
  }

  /** What was written and not made durable may be there all the same. */
  #fail(group: readonly PendingWrite[], failure: DiskFailure): void {
    this.#watcher.struck(failure);
    const kept = this.#keptOf(group, failure === 'fsync');
    for (const { write } of group.slice(0, kept)) this.#makeDurable(write);
    const failed = [...group, ...this.#waiting];
    this.#writing = [];
    this.#waiting = [];
    this.hasFailed = true;
    const error = new RaftError('LOG_WRITE_FAILED', `the disk failed: ${failure}`);
    for (const { reject } of failed) this.#owner?.deliver(() => reject(error));
  }

  /** How many writes of a group are there though it did not come to its end. */
  #keptOf(group: readonly PendingWrite[], possible: boolean): number {
    if (this.#committed !== undefined) return this.#committed.fail(possible) ? group.length : 0;
    return possible ? this.#random.integer(0, group.length) : 0;
  }

  #syncInBackground(done: (error: Error | undefined) => void): void {
    const owner = this.#owner;
    this.#after(this.#latencyMs(), () => {
      const failure = this.#failures.at(-1);
      const error = failure === undefined ? undefined : new Error(`the disk failed: ${failure}`);
      if (failure !== undefined) this.#watcher.struck(failure);
      owner?.deliver(() => done(error));
    });
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
    if (entry === undefined) return false;
    this.#damaged.add(entry.index);
    this.#committed?.damage(entry.index);
    return true;
  }

  /**
   * Entries that were synced are gone all the same, though something else remembers them. False when
   * there are none. Nobody must have it open.
   */
  loseTail(): boolean {
    const { base, lastIndex } = this.durable;
    const lost = this.#committed?.loseTail(base.index) ?? lastIndex > base.index;
    if (lost) this.#damaged.add(lastIndex);
    return lost;
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
    const meanMs = this.#options.writeMs * slowness;
    return meanMs * 0.2 + this.#random.exponential(meanMs * 0.8);
  }

  /** Calls `done` when the disk is through with something that is not part of the log. */
  operate(done: (failure: DiskFailure | undefined) => void): void {
    const owner = this.#owner;
    this.#after(this.#latencyMs(), () => {
      const failure = this.#failures.at(-1);
      if (failure !== undefined) this.#watcher.struck(failure);
      owner?.deliver(() => done(failure));
    });
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
      const entries = this.#entries(first, last, maxBytes);
      if (entries === undefined) this.foundDamage = true;
      owner?.deliver(() => (entries === undefined ? reject(corruptError()) : resolve(entries)));
    });
  }

  /** Undefined when one of them is damaged. */
  #entries(first: number, last: number, maxBytes: number): Entry[] | undefined {
    if (this.#committed !== undefined)
      return this.#entriesRead(this.#committed, first, last, maxBytes);
    const entries: Entry[] = [];
    let bytes = 0;
    for (let index = first; index <= last; index++) {
      const entry = this.durable.entry(index);
      if (entry === undefined) break;
      bytes += entryBytes(entry);
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(copyOf(entry));
    }
    return entries.some(({ index }) => this.#damaged.has(index)) ? undefined : entries;
  }

  #entriesRead(
    log: CommittedLog,
    first: number,
    last: number,
    maxBytes: number,
  ): Entry[] | undefined {
    // What was compacted away meanwhile is no damage, though it leaves a hole.
    if (this.durable.entry(first) === undefined) return [];
    try {
      return [...log.read(first, Math.min(last, this.durable.lastIndex), maxBytes)];
    } catch (error) {
      if (!isDamage(error)) throw error;
      if (!this.damaged) this.#watcher.misread(`took a whole log for damaged: ${error}`);
      log.foundDamaged();
      return undefined;
    }
  }

  /** Writes what is still to be written, and calls back. */
  close(closed: () => void): void {
    const idle = () => {
      if (this.#committed === undefined) closed();
      else this.#committed.close().then(closed, closed);
    };
    if (this.#writing.length === 0) idle();
    else this.#onIdle.push(idle);
  }

  /** The machine loses power: what is here is what the next process finds. */
  crash(): DiskLoss {
    const group = this.#writing;
    const underWay = group.length + this.#waiting.length;
    const kept = this.#keptInCrash(group);
    for (const { write } of group.slice(0, kept)) this.#makeDurable(write);
    this.#writing = [];
    this.#waiting = [];
    this.#onIdle = [];
    this.#owner = undefined;
    this.log = this.durable.copy();
    return { underWay, kept };
  }

  #keptInCrash(group: readonly PendingWrite[]): number {
    if (this.#committed !== undefined) return this.#committed.crash(!this.fails) ? group.length : 0;
    return group.length === 0 || this.fails ? 0 : this.#random.integer(0, group.length);
  }
}

function corruptError(): RaftError {
  return new RaftError('LOG_CORRUPT', 'bits have flipped in this log');
}

function sameState(a: LogState, b: LogState): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}

/** Whatever class bytes are of; without sizes, of which a log that was cut knows less. */
function plain({ sizes: _, ...state }: LogState): unknown {
  const membershipEntries = state.membershipEntries.map((entry) => ({
    ...entry,
    data: Buffer.from(entry.data),
  }));
  return { ...state, membershipEntries };
}
