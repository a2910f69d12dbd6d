import {
  type Entry,
  type HardState,
  type LogBase,
  type LogState,
  type LogWrite,
  RaftError,
} from 'raft-ts';
import { EMPTY_BASE, EMPTY_HARD_STATE, logStateOf } from 'raft-ts/core';

const NOTHING: readonly Entry[] = [];

/** With bytes of its own. */
export function copyOf(entry: Entry): Entry {
  return { ...entry, data: Uint8Array.from(entry.data) };
}

/** What a log holds: on the disk, or as its process has handed it over. */
export class LogImage {
  hardState: HardState = EMPTY_HARD_STATE;
  #base: LogBase = EMPTY_BASE;
  /** Those behind the base: the first one's index is `base.index + 1`. */
  #entries: Entry[] = [];

  get base(): LogBase {
    return this.#base;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Undefined where there is none: behind the end, or compacted away. */
  entry(index: number): Entry | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  /** The term of the entry at `index`, or of the base; 0 in front of everything. */
  termAt(index: number): number | undefined {
    return index === this.#base.index ? this.#base.term : this.entry(index)?.term;
  }

  copy(): LogImage {
    const copy = new LogImage();
    copy.hardState = this.hardState;
    copy.#base = this.#base;
    copy.#entries = [...this.#entries];
    return copy;
  }

  /** Returns the entries that had to make room for others, or for a snapshot. */
  take({ hardState, base, entries }: LogWrite): readonly Entry[] {
    this.hardState = hardState ?? this.hardState;
    const dropped = base === undefined ? NOTHING : this.#beginAt(base);
    const first = entries[0];
    if (first === undefined) return dropped;
    const place = first.index - this.#base.index - 1;
    if (place < 0 || place > this.#entries.length) {
      throw new RaftError(
        'LOG_WRITE_FAILED',
        `entry ${first.index} does not fit a log of ${this.#base.index + 1}..${this.lastIndex}`,
      );
    }
    const replaced = place === this.#entries.length ? NOTHING : this.#entries.splice(place);
    for (const entry of entries) this.#entries.push(entry);
    return dropped.length === 0 ? replaced : [...dropped, ...replaced];
  }

  #beginAt(base: LogBase): readonly Entry[] {
    const matches = this.termAt(base.index) === base.term;
    const cut = this.#entries.splice(0, base.index - this.#base.index);
    const replaced = matches ? NOTHING : [...cut, ...this.#entries.splice(0)];
    this.#base = base;
    return replaced.filter(({ index }) => index > base.index);
  }

  state(): LogState {
    return logStateOf(this.hardState, this.#base, this.#entries.map(copyOf));
  }
}
