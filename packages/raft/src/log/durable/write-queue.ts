import type { LogOutline } from '../log-outline.js';
import type { LogWrite } from '../log-store.js';
import type { TailChange } from '../log-tail.js';
import { type LogEnds, WriteGroupPacker } from './packed-write-group.js';

/** Write groups with the writing thread at a time: one being written, one that it finds next. */
const MAX_GROUPS_SENT = 2;

/** A write that waits to become durable. */
export interface PendingWrite {
  readonly write: LogWrite;
  readonly change: TailChange;
  /** The log's after this write, where it is to be written. */
  readonly outline?: LogOutline | undefined;
  /** The log's two ends and the hard state after this write. */
  readonly end: LogEnds;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Group {
  readonly packed: WriteGroupPacker;
  readonly writes: PendingWrite[];
}

/** Packs writes into write groups as they come, and hands one over whenever there is room. */
export class WriteQueue {
  readonly #writeGroupBytes: number;
  readonly #send: (memory: SharedArrayBuffer) => void;
  readonly #free: WriteGroupPacker[];
  readonly #sent: Group[] = [];
  #filling: Group | undefined;
  /** Found no room in the group that is being filled. */
  readonly #waiting: PendingWrite[] = [];
  #onIdle: (() => void) | undefined;

  constructor(writeGroupBytes: number, send: (memory: SharedArrayBuffer) => void) {
    this.#writeGroupBytes = writeGroupBytes;
    this.#send = send;
    this.#free = Array.from(
      { length: MAX_GROUPS_SENT + 1 },
      () => new WriteGroupPacker(writeGroupBytes),
    );
  }

  add(pending: PendingWrite): void {
    this.#waiting.push(pending);
    this.#advance();
  }

  /** The oldest `count` groups are durable; returns their writes. */
  completed(count: number): readonly PendingWrite[] {
    const groups = this.#sent.splice(0, count);
    for (const { packed } of groups) {
      packed.reset(this.#writeGroupBytes);
      this.#free.push(packed);
    }
    this.#advance();
    this.#checkIdle();
    return groups.flatMap((group) => group.writes);
  }

  /** Forgets everything, because nothing will be written any more; returns what was pending. */
  abandon(): readonly PendingWrite[] {
    const groups = this.#filling === undefined ? this.#sent : [...this.#sent, this.#filling];
    const pending = [...groups.flatMap((group) => group.writes), ...this.#waiting];
    this.#sent.length = 0;
    this.#waiting.length = 0;
    this.#filling = undefined;
    this.#checkIdle();
    return pending;
  }

  /** Resolves when nothing is pending. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    });
  }

  #checkIdle(): void {
    const idle = this.#sent.length === 0 && this.#filling === undefined;
    if (idle && this.#waiting.length === 0) this.#onIdle?.();
  }

  #advance(): void {
    this.#fill();
    while (this.#filling !== undefined && this.#sent.length < MAX_GROUPS_SENT) {
      this.#hand(this.#filling);
      this.#filling = undefined;
      this.#fill();
    }
  }

  #fill(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      if (this.#filling === undefined) {
        const packed = this.#free.pop();
        if (packed === undefined) return;
        this.#filling = { packed, writes: [] };
      }
      if (!this.#filling.packed.add(next.write, next.change, next.outline)) return;
      this.#filling.writes.push(next);
      this.#waiting.shift();
    }
  }

  #hand(group: Group): void {
    const end = group.writes.at(-1)?.end;
    if (end === undefined) return;
    group.packed.seal(end);
    this.#sent.push(group);
    this.#send(group.packed.memory);
  }
}
