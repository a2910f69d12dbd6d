import { closeSync, fdatasync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { decodeMark, EMPTY_MARK, encodeMark, MARK_BYTES, type Mark } from './mark.js';

/** Apart by the largest block that a disk writes as a whole, so that one tear can't hit both. */
const SLOT_DISTANCE_BYTES = 4096;
const MARK_FILE_BYTES = SLOT_DISTANCE_BYTES + MARK_BYTES;

/**
 * A sync of its own for every mark would hold up the log's next sync (a third more time for a
 * single write). A mark that lags matters only if power is lost and the disk also loses entries
 * that it had reported as synced.
 */
const SYNC_DELAY_MS = 50;

/** The contents of a new mark file: both slots hold `mark`. */
export function newMarkFile(mark: Mark = EMPTY_MARK): Buffer {
  const bytes = Buffer.alloc(MARK_FILE_BYTES);
  encodeMark(1, mark).copy(bytes, 0);
  encodeMark(0, mark).copy(bytes, SLOT_DISTANCE_BYTES);
  return bytes;
}

/**
 * The mark on disk, in two slots. Invariant: one slot is on the disk, whole, and is left alone
 * until the other one is; so a torn write never costs more than the marks since the last sync.
 */
export class MarkFile {
  readonly #file: number;
  #mark: Mark;
  #sequence: number;
  /** Slot that holds `#mark`. */
  #slot: number;
  /** Whether `#mark` is known to be on the disk. */
  #synced = false;
  #syncing = false;
  #timer: NodeJS.Timeout | undefined;
  #afterSync: (() => void) | undefined;

  private constructor(file: number, slot: number, sequence: number, mark: Mark) {
    this.#file = file;
    this.#slot = slot;
    this.#sequence = sequence;
    this.#mark = mark;
  }

  /** Undefined when neither slot holds a mark; throws what the file system reports. */
  static open(path: string): MarkFile | undefined {
    const file = openSync(path, 'r+');
    const slots = [readSlot(file, 0), readSlot(file, 1)];
    const newest = (slots[1]?.sequence ?? -1) > (slots[0]?.sequence ?? -1) ? 1 : 0;
    const content = slots[newest];
    if (content === undefined) {
      closeSync(file);
      return undefined;
    }
    const markFile = new MarkFile(file, newest, content.sequence, content.mark);
    // It may have come out of memory only: a process was killed before its sync.
    markFile.sync();
    return markFile;
  }

  get mark(): Mark {
    return this.#mark;
  }

  /** Survives the end of the process as soon as this returns, and power loss after a sync. */
  write(mark: Mark): void {
    if (this.#synced) this.#slot = 1 - this.#slot;
    this.#synced = false;
    this.#sequence++;
    this.#mark = mark;
    const bytes = encodeMark(this.#sequence, mark);
    const written = writeSync(this.#file, bytes, 0, bytes.byteLength, slotOffset(this.#slot));
    if (written !== bytes.byteLength) throw new Error('the mark was written in part only');
  }

  sync(): void {
    fdatasyncSync(this.#file);
    this.#synced = true;
  }

  /** Sees to it that the newest mark is on the disk soon; the caller goes on meanwhile. */
  syncSoon(failed: (error: Error) => void): void {
    if (this.#timer !== undefined || this.#syncing || this.#synced) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#syncInBackground(failed);
    }, SYNC_DELAY_MS);
  }

  #syncInBackground(failed: (error: Error) => void): void {
    const sequence = this.#sequence;
    this.#syncing = true;
    fdatasync(this.#file, (error) => {
      this.#syncing = false;
      if (error !== null) failed(error);
      else if (sequence === this.#sequence) this.#synced = true;
      else if (this.#afterSync === undefined) this.syncSoon(failed);
      this.#afterSync?.();
    });
  }

  /** Waits for a sync in the background and closes the file; the newest mark is on the disk. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#syncing) {
      await new Promise<void>((resolve) => {
        this.#afterSync = resolve;
      });
    }
    try {
      if (!this.#synced) this.sync();
    } finally {
      closeSync(this.#file);
    }
  }
}

function slotOffset(slot: number): number {
  return slot * SLOT_DISTANCE_BYTES;
}

function readSlot(file: number, slot: number): ReturnType<typeof decodeMark> {
  const bytes = Buffer.alloc(MARK_BYTES);
  const length = readSync(file, bytes, 0, MARK_BYTES, slotOffset(slot));
  return decodeMark(bytes.subarray(0, length));
}
