import { InvariantBroken, invariant } from '../invariant.js';
import { type Entry, entryBytes } from './entry.js';

/** Emptied slots in front are given back once there are this many, so that giving back is rare. */
const SHRINK_AFTER_SLOTS = 1024;

/** The newest entries of the log, contiguous, in memory; older ones are on disk only. */
export class LogWindow {
  #entries: (Entry | undefined)[] = [];
  /** Slot of the oldest entry still held. */
  #start = 0;
  #firstIndex: number;
  #bytes = 0;

  /** An empty window behind `lastIndex`. */
  constructor(lastIndex: number) {
    this.#firstIndex = lastIndex + 1;
  }

  /** Index of the oldest entry held; `lastIndex + 1` when empty. */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  get lastIndex(): number {
    return this.#firstIndex + this.#entries.length - this.#start - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  #slot(index: number): number {
    return this.#start + index - this.#firstIndex;
  }

  append(entry: Entry): void {
    invariant(
      entry.index === this.lastIndex + 1,
      () => `entry ${entry.index} does not follow ${this.lastIndex} in the window`,
    );
    this.#entries.push(entry);
    this.#bytes += entryBytes(entry);
  }

  /** Entries `first` to `last`, at least one, cut where their sum would exceed `maxBytes`. */
  slice(first: number, last: number, maxBytes: number): Entry[] {
    invariant(
      first >= this.#firstIndex && last <= this.lastIndex,
      () =>
        `entries ${first}..${last} are not in the window ${this.#firstIndex}..${this.lastIndex}`,
    );
    // Most often it is one: an array of exactly that size.
    const result: Entry[] = [this.#at(first)];
    let bytes = maxBytes - entryBytes(this.#at(first));
    for (let index = first + 1; index <= last; index++) {
      const entry = this.#at(index);
      bytes -= entryBytes(entry);
      if (bytes < 0) break;
      result.push(entry);
    }
    return result;
  }

  #at(index: number): Entry {
    const entry = this.#entries[this.#slot(index)];
    if (entry === undefined) throw new InvariantBroken(`entry ${index} is missing from the window`);
    return entry;
  }

  /** Drops `index` and everything behind it. */
  truncateFrom(index: number): void {
    while (this.lastIndex >= index && this.lastIndex >= this.#firstIndex) {
      const entry = this.#entries.pop();
      if (entry !== undefined) this.#bytes -= entryBytes(entry);
    }
    if (index < this.#firstIndex) this.reset(index - 1);
  }

  /** Drops everything up to `index`; it may be behind the window. */
  compact(index: number): void {
    if (index > this.lastIndex) this.reset(index);
    else this.trim(index, 0);
  }

  /** Empty, behind `lastIndex`. */
  reset(lastIndex: number): void {
    this.#entries = [];
    this.#start = 0;
    this.#firstIndex = lastIndex + 1;
    this.#bytes = 0;
  }

  /** Drops the oldest entries, none above `upTo`, until at most `maxBytes` are held. */
  trim(upTo: number, maxBytes: number): void {
    while (this.#bytes > maxBytes && this.#firstIndex <= upTo) {
      const entry = this.#entries[this.#start];
      if (entry === undefined) break;
      this.#bytes -= entryBytes(entry);
      this.#entries[this.#start++] = undefined;
      this.#firstIndex++;
    }
    if (this.#start >= SHRINK_AFTER_SLOTS && this.#start * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }
}
