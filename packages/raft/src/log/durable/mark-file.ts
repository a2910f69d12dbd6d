import { type Clock, systemClock } from '@raft-ts/net';
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

/** The file that a mark lies in. Its methods throw what the file system reports. */
export interface MarkStorage {
  /** Bytes from `offset` on; fewer where the file ends. */
  read(offset: number, lengthBytes: number): Buffer;
  /** Survives the end of the process as soon as this returns, and power loss after a sync. */
  write(offset: number, bytes: Uint8Array): void;
  /** Returns once all that was written is on the disk. */
  sync(): void;
  /** The same while the caller goes on; one at a time. */
  syncInBackground(done: (error: Error | undefined) => void): void;
  close(): void;
}

/** The contents of a new mark file: both slots hold `mark`. */
export function newMarkFile(mark: Mark = EMPTY_MARK): Buffer {
  const bytes = Buffer.alloc(MARK_FILE_BYTES);
  encodeMark(1, mark).copy(bytes, 0);
  encodeMark(0, mark).copy(bytes, SLOT_DISTANCE_BYTES);
  return bytes;
}

/** The mark in the contents of a mark file; undefined when neither slot holds one. */
export function markIn(content: Buffer): Mark | undefined {
  const slots = [0, 1].map((slot) => {
    const offset = slotOffset(slot);
    return decodeMark(content.subarray(offset, offset + MARK_BYTES));
  });
  const [first, second] = slots;
  return (second?.sequence ?? -1) > (first?.sequence ?? -1) ? second?.mark : first?.mark;
}

/**
 * The mark on disk, in two slots. Invariant: one slot is on the disk, whole, and is left alone
 * until the other one is; so a torn write never costs more than the marks since the last sync.
 */
export class MarkFile {
  readonly #storage: MarkStorage;
  readonly #clock: Pick<Clock, 'after'>;
  #mark: Mark;
  #sequence: number;
  /** Slot that holds `#mark`. */
  #slot: number;
  /** Whether `#mark` is known to be on the disk. */
  #synced = false;
  #syncing = false;
  #cancelTimer: (() => void) | undefined;
  #afterSync: (() => void) | undefined;

  private constructor(
    storage: MarkStorage,
    clock: Pick<Clock, 'after'>,
    slot: number,
    sequence: number,
    mark: Mark,
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.#slot = slot;
    this.#sequence = sequence;
    this.#mark = mark;
  }

  /**
   * Undefined when neither slot holds a mark; LOG_FOREIGN when one has another format. `storage` is
   * closed then, as by any other failure.
   */
  static open(
    storage: MarkStorage,
    clock: Pick<Clock, 'after'> = systemClock,
  ): MarkFile | undefined {
    let markFile: MarkFile | undefined;
    try {
      const slots = [readSlot(storage, 0), readSlot(storage, 1)];
      const newest = (slots[1]?.sequence ?? -1) > (slots[0]?.sequence ?? -1) ? 1 : 0;
      const content = slots[newest];
      if (content === undefined) return undefined;
      const opened = new MarkFile(storage, clock, newest, content.sequence, content.mark);
      // It may have come out of memory only: a process was killed before its sync.
      opened.sync();
      markFile = opened;
      return markFile;
    } finally {
      if (markFile === undefined) storage.close();
    }
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
    this.#storage.write(slotOffset(this.#slot), encodeMark(this.#sequence, mark));
  }

  sync(): void {
    this.#storage.sync();
    this.#synced = true;
  }

  /** Sees to it that the newest mark is on the disk soon; the caller goes on meanwhile. */
  syncSoon(failed: (error: Error) => void): void {
    if (this.#cancelTimer !== undefined || this.#syncing || this.#synced) return;
    this.#cancelTimer = this.#clock.after(SYNC_DELAY_MS, () => {
      this.#cancelTimer = undefined;
      this.#syncInBackground(failed);
    });
  }

  #syncInBackground(failed: (error: Error) => void): void {
    const sequence = this.#sequence;
    this.#syncing = true;
    this.#storage.syncInBackground((error) => {
      this.#syncing = false;
      if (error !== undefined) failed(error);
      else if (sequence === this.#sequence) this.#synced = true;
      else if (this.#afterSync === undefined) this.syncSoon(failed);
      this.#afterSync?.();
    });
  }

  /** Waits for a sync in the background and closes the file; the newest mark is on the disk. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    if (this.#syncing) {
      await new Promise<void>((resolve) => {
        this.#afterSync = resolve;
      });
    }
    try {
      if (!this.#synced) this.sync();
    } finally {
      this.#storage.close();
    }
  }
}

function slotOffset(slot: number): number {
  return slot * SLOT_DISTANCE_BYTES;
}

function readSlot(storage: MarkStorage, slot: number): ReturnType<typeof decodeMark> {
  return decodeMark(storage.read(slotOffset(slot), MARK_BYTES));
}
