import type { Clock } from '@raft-ts/net';
import type { FrameworkRow } from '@raft-ts/statemachine';
import { isCommitsKey, MemoryRows } from 'inode-app/store';
import type { Random } from '../random.js';

/** Extends a running hash of a list by one value. */
export function extendHash(hash: number, value: string): number {
  let h = hash ^ 0x51ed_270b;
  for (let i = 0; i < value.length; i++) {
    h = Math.imul(h ^ value.charCodeAt(i), 0x0100_0193);
    h ^= h >>> 15;
  }
  return h >>> 0;
}

/** A batch that was written: where it left the list, and what undoes its rows. */
interface Commit {
  readonly appliedIndex: number;
  readonly appliedTerm: number | undefined;
  readonly length: number;
  readonly undo: readonly (readonly [key: string, before: Uint8Array | undefined])[];
}

/** A whole state, as another member gets it. */
export interface ListCopy {
  readonly appliedIndex: number;
  readonly appliedTerm: number | undefined;
  readonly values: readonly string[];
  readonly hashes: readonly number[];
  readonly rows: ReadonlyMap<string, Uint8Array>;
  readonly tree: readonly (readonly [key: string, value: string])[];
}

const EMPTY: ListCopy = {
  appliedIndex: 0,
  appliedTerm: 0,
  values: [],
  hashes: [0],
  rows: new Map(),
  tree: [],
};

/**
 * The durable state of a state machine that is a list of values: each group of applied entries
 * is written together with its index, and only a flush makes sure that a crash leaves it there.
 */
export class ListStore {
  values: string[] = [];
  /** The hash of the first so many values. */
  #hashes: number[] = [0];
  /** What the framework keeps beside them; a character of a key stands for a byte. */
  rows = new Map<string, Uint8Array>();
  /** The rows of a tree kept beside the list, one batch a commit; empty where there is no tree. */
  tree = new MemoryRows();
  /** The last one that is flushed, and all after it. */
  #commits: Commit[] = [{ appliedIndex: 0, appliedTerm: 0, length: 0, undo: [] }];

  get appliedIndex(): number {
    return this.#commits.at(-1)?.appliedIndex ?? 0;
  }

  /** Undefined where who committed did not say it. */
  get appliedTerm(): number | undefined {
    return this.#commits.at(-1)?.appliedTerm;
  }

  /** What a crash can't take back. */
  get flushedIndex(): number {
    return this.#commits[0]?.appliedIndex ?? 0;
  }

  get hash(): number {
    return this.#hashes.at(-1) ?? 0;
  }

  #goesWrong = false;
  /** It took a value twice, whatever became of that. */
  wentWrong = false;

  /** The next value is taken twice. */
  goWrong(): void {
    this.#goesWrong = true;
  }

  /** `results`: what else the value brought about. */
  append(value: string, results = ''): void {
    if (this.#goesWrong) {
      this.#goesWrong = false;
      this.wentWrong = true;
      this.append(value, results);
    }
    this.#hashes.push(extendHash(this.hash, `${value} ${results}`));
    this.values.push(value);
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[] = [], appliedTerm?: number): void {
    const undo = rows.map(({ key, value }) => {
      const text = Buffer.from(key).toString('latin1');
      const before = this.rows.get(text);
      this.#setRow(text, value === undefined ? undefined : Uint8Array.from(value));
      return [text, before] as const;
    });
    this.#commits.push({ appliedIndex, appliedTerm, length: this.values.length, undo });
  }

  #setRow(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) this.rows.delete(key);
    else this.rows.set(key, value);
  }

  /** What is here now survives a crash. */
  flush(): void {
    this.#commits = this.#commits.slice(-1);
    this.tree.flush();
  }

  /** What was here as of `index`, or before, survives a crash. */
  flushTo(index: number): void {
    const last = this.#commits.findLastIndex(({ appliedIndex }) => appliedIndex <= index);
    this.#commits = this.#commits.slice(Math.max(0, last));
  }

  /** The same as `flush`, some time later, as a disk does. */
  async flushed(clock: Clock, afterMs: number): Promise<number> {
    const { appliedIndex } = this;
    await new Promise<void>((resolve) => clock.after(afterMs, resolve));
    this.flush();
    return appliedIndex;
  }

  copy(): ListCopy {
    return {
      appliedIndex: this.appliedIndex,
      appliedTerm: this.appliedTerm,
      values: [...this.values],
      hashes: [...this.#hashes],
      rows: new Map(this.rows),
      tree: this.tree.dump(),
    };
  }

  /** Another state takes the place of this one, durably and in one step. */
  replace({ appliedIndex, appliedTerm, values, hashes, rows, tree }: ListCopy): void {
    this.values = [...values];
    this.#hashes = [...hashes];
    this.rows = new Map(rows);
    this.tree = new MemoryRows();
    const batch = this.tree.batch();
    for (const [key, value] of tree) {
      batch.put(Buffer.from(key, 'latin1'), Buffer.from(value, 'latin1'));
    }
    batch.write({ sync: true });
    this.#commits = [{ appliedIndex, appliedTerm, length: values.length, undo: [] }];
  }

  wipe(): void {
    this.replace(EMPTY);
  }

  /** Sets the state back to some moment since the last flush. True when that lost something. */
  crash(random: Random): boolean {
    return this.#keep(random.integer(1, this.#commits.length));
  }

  /** Sets the state back to the last flush. */
  forget(): void {
    this.#keep(1);
  }

  #keep(kept: number): boolean {
    const lost = this.#commits.splice(kept);
    this.tree.crash(kept - 1);
    for (const { undo } of lost.reverse()) {
      for (const [key, before] of [...undo].reverse()) this.#setRow(key, before);
    }
    const length = this.#commits.at(-1)?.length ?? 0;
    this.values.length = length;
    this.#hashes.length = length + 1;
    this.flush();
    return lost.length > 0;
  }

  /** All of it as text, to compare two stores. */
  asText(): string {
    return `${this.appliedIndex} ${this.values.length} ${this.hash}\n${this.rowsAsText()}`;
  }

  /** All rows as text, to compare two stores. */
  rowsAsText(): string {
    const rows = [...this.rows].map(
      ([key, value]) => [key, Buffer.from(value).toString('latin1')] as const,
    );
    return [...rows, ...this.tree.dump().filter(([key]) => !isCommitsKey(key))]
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join('\n');
  }
}
