import type {
  LogRowBatch,
  LogRowPages,
  LogRowRange,
  LogRows,
  MarkStorage,
  OutlineStorage,
} from 'raft-ts/testing';
import type { Random } from '../random.js';

/** What of a log reaches the disk one after the other. */
export type StepKind =
  | 'mark written'
  | 'mark synced'
  | 'rows written'
  | 'rows removed'
  | 'outline written';

export interface Step {
  readonly kind: StepKind;
  readonly happen: () => void;
}

/** What a loss of power did to files. */
export type PowerLoss =
  | 'mark lost in a crash'
  | 'mark torn by a crash'
  | 'removed rows back'
  | 'outline torn by a crash';

/** The steps of a write, which wait until they happen, one by one, or a first part of them. */
class Steps {
  #waiting: Step[] = [];
  #recording = false;
  #onDone: (() => void)[] = [];

  get waiting(): readonly Step[] {
    return this.#waiting;
  }

  /** From now on the steps of `write` wait. */
  record(write: () => void): void {
    this.#recording = true;
    write();
    this.#recording = false;
  }

  add(kind: StepKind, happen: () => void): void {
    if (this.#recording) this.#waiting.push({ kind, happen });
    else happen();
  }

  /** The first `count` of them happen, and the others never do; then what waited for them goes on. */
  finish(count: number = this.#waiting.length): void {
    const done = this.#onDone.splice(0);
    this.#happen(count);
    for (const action of done) action();
  }

  /** The same, but nobody is left to go on. */
  crash(count: number): void {
    this.#onDone = [];
    this.#happen(count);
  }

  #happen(count: number): void {
    for (const { happen } of this.#waiting.splice(0).slice(0, count)) happen();
  }

  /** The thread that writes does nothing else meanwhile: `action` comes behind it. */
  whenDone(action: () => void): void {
    if (this.#waiting.length === 0) action();
    else this.#onDone.push(action);
  }
}

/** What the log's code of the product finds as its files: rows, and the files with the mark and the outline. */
export class LogFiles {
  readonly steps = new Steps();
  readonly rows: VirtualRows;
  readonly mark: VirtualMarkStorage;
  readonly outline: VirtualOutlineStorage;
  readonly #syncInBackground: MarkStorage['syncInBackground'];

  /** `syncInBackground` calls back once the disk has worked for as long as that takes. */
  constructor(mark: Buffer, syncInBackground: MarkStorage['syncInBackground']) {
    this.rows = new VirtualRows(this.steps);
    this.mark = new VirtualMarkStorage(mark, this.steps, syncInBackground);
    this.outline = new VirtualOutlineStorage(this.steps);
    this.#syncInBackground = syncInBackground;
  }

  /** What is on the disk now, while nobody has it open. */
  copy(): LogFiles {
    const mark = Buffer.from(this.mark.read(0, Number.POSITIVE_INFINITY));
    const copy = new LogFiles(mark, this.#syncInBackground);
    copy.rows.replaceBy(this.rows);
    copy.outline.replaceBy(this.outline);
    return copy;
  }

  /** What was not synced is there, or in part, or not. */
  losePower(random: Random): readonly PowerLoss[] {
    return [
      ...this.rows.losePower(random),
      ...this.mark.losePower(random),
      ...this.outline.losePower(random),
    ];
  }
}

/** Rows by their keys; a character of a key stands for a byte, so that they sort by bytes. */
export class VirtualRows implements LogRows {
  readonly #steps: Steps;
  readonly #rows = new Map<string, Buffer>();
  /** Since the last synced batch. */
  #removed: (readonly [key: string, value: Buffer])[] = [];

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  getManySync(keys: readonly Uint8Array[]): (Buffer | undefined)[] {
    return keys.map((key) => {
      const value = this.#rows.get(textOf(key));
      return value === undefined ? undefined : Buffer.from(value);
    });
  }

  range({ gte, lt }: LogRowRange): LogRowPages {
    const [first, end] = [textOf(gte), textOf(lt)];
    const found = [...this.#rows].filter(([key]) => key >= first && key < end).sort(byKey);
    let finished = false;
    return {
      get finished() {
        return finished;
      },
      nextPageSync() {
        const page = finished ? [] : found;
        finished = true;
        return page.map(([key, value]) => ({ key: bytesOf(key), value: Buffer.from(value) }));
      },
      [Symbol.dispose]() {},
    };
  }

  deleteRange(first: Uint8Array, end: Uint8Array): void {
    const [from, to] = [textOf(first), textOf(end)];
    this.#steps.add('rows removed', () => {
      for (const row of this.#rows) {
        if (row[0] < from || row[0] >= to) continue;
        this.#rows.delete(row[0]);
        this.#removed.push(row);
      }
    });
  }

  /** All of it is durable once it has happened, as is what was removed before. */
  batch(): LogRowBatch {
    let changes: (readonly [key: string, value: Buffer | undefined])[] = [];
    return {
      put: (key, value) => changes.push([textOf(key), Buffer.from(value)]),
      delete: (key) => changes.push([textOf(key), undefined]),
      write: () => {
        const written = changes;
        this.#steps.add('rows written', () => {
          for (const [key, value] of written) {
            if (value === undefined) this.#rows.delete(key);
            else this.#rows.set(key, value);
          }
          this.#removed = [];
        });
      },
      clear: () => {
        changes = [];
      },
    };
  }

  losePower(random: Random): readonly PowerLoss[] {
    const removed = this.#removed;
    this.#removed = [];
    if (removed.length === 0 || random.chance(0.5)) return [];
    for (const [key, value] of removed) this.#rows.set(key, value);
    return ['removed rows back'];
  }

  replaceBy(other: VirtualRows): void {
    this.#rows.clear();
    for (const [key, value] of other.#rows) this.#rows.set(key, Buffer.from(value));
  }

  /** Flips a bit of the row of entry `index`. */
  damage(index: number, random: Random): void {
    const value = this.#rows.get(this.#keyOf(index));
    if (value === undefined) return;
    const place = random.integer(0, value.length - 1);
    value[place] = (value[place] ?? 0) ^ (1 << random.integer(0, 7));
  }

  /** The rows of entries from `index` on are gone. */
  cut(index: number): void {
    for (const key of [...this.#rows.keys()]) {
      if (indexOf(key) >= index) this.#rows.delete(key);
    }
  }

  #keyOf(index: number): string {
    return [...this.#rows.keys()].find((key) => indexOf(key) === index) ?? '';
  }
}

/** The file that the mark lies in. */
export class VirtualMarkStorage implements MarkStorage {
  readonly #steps: Steps;
  readonly #inBackground: MarkStorage['syncInBackground'];
  /** What is on the disk. */
  #content: Buffer;
  /** What comes on top of it, and may not survive. */
  #unsynced: { readonly offset: number; readonly bytes: Buffer }[] = [];

  constructor(content: Buffer, steps: Steps, inBackground: MarkStorage['syncInBackground']) {
    this.#content = content;
    this.#steps = steps;
    this.#inBackground = inBackground;
  }

  read(offset: number, lengthBytes: number): Buffer {
    const now = Buffer.from(this.#content);
    for (const write of this.#unsynced) write.bytes.copy(now, write.offset);
    return now.subarray(offset, offset + lengthBytes);
  }

  write(offset: number, given: Uint8Array): void {
    const bytes = Buffer.from(given);
    this.#steps.add('mark written', () => this.#unsynced.push({ offset, bytes }));
  }

  sync(): void {
    this.#steps.add('mark synced', () => this.#synced(this.#unsynced));
  }

  /** Only what was written before it began is sure to be there. */
  syncInBackground(done: (error: Error | undefined) => void): void {
    this.#steps.whenDone(() => {
      const before = [...this.#unsynced];
      this.#inBackground((error) => {
        if (error === undefined) this.#synced(before);
        this.#steps.whenDone(() => done(error));
      });
    });
  }

  close(): void {}

  #synced(writes: readonly { readonly offset: number; readonly bytes: Buffer }[]): void {
    for (const write of writes) {
      if (this.#unsynced.includes(write)) write.bytes.copy(this.#content, write.offset);
    }
    this.#unsynced = this.#unsynced.filter((write) => !writes.includes(write));
  }

  losePower(random: Random): readonly PowerLoss[] {
    const losses: PowerLoss[] = [];
    for (const { offset, bytes } of this.#unsynced) {
      const fate = random.integer(0, 2);
      if (fate === 0) losses.push('mark lost in a crash');
      else if (fate === 1) {
        losses.push('mark torn by a crash');
        bytes.copy(this.#content, offset, 0, random.integer(1, bytes.length - 1));
      } else bytes.copy(this.#content, offset);
    }
    this.#unsynced = [];
    return losses;
  }
}

/** The file that the outline lies in, which nobody syncs. */
export class VirtualOutlineStorage implements OutlineStorage {
  readonly #steps: Steps;
  #content: Buffer | undefined;
  /** Whether power was there since it was written. */
  #settled = true;

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  read(): Buffer | undefined {
    return this.#content === undefined ? undefined : Buffer.from(this.#content);
  }

  write(given: Uint8Array): void {
    const bytes = Buffer.from(given);
    this.#steps.add('outline written', () => {
      this.#content = bytes;
      this.#settled = false;
    });
  }

  remove(): void {
    this.#content = undefined;
  }

  replaceBy(other: VirtualOutlineStorage): void {
    this.#content = other.read();
  }

  losePower(random: Random): readonly PowerLoss[] {
    if (this.#settled || this.#content === undefined || random.chance(0.5)) return [];
    this.#settled = true;
    this.#content = this.#content.subarray(0, random.integer(0, this.#content.length - 1));
    return ['outline torn by a crash'];
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}

function bytesOf(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}

function byKey([a]: readonly [string, Buffer], [b]: readonly [string, Buffer]): number {
  return a < b ? -1 : 1;
}

/** Of an entry's row; NaN for another row. Keys end with the index. */
function indexOf(key: string): number {
  const index = Number(bytesOf(key).readBigUInt64BE(key.length - 8));
  return Number.isSafeInteger(index) ? index : Number.NaN;
}
