import type { PendingItem } from './pending-item.js';

/** Requests that wait to be proposed, oldest first. */
export class ItemQueue {
  readonly #items: PendingItem[] = [];
  #bytes = 0;

  get length(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(item: PendingItem): void {
    this.#items.push(item);
    this.#bytes += item.encoded.byteLength;
  }

  /** The oldest ones, as many as fit; at least one, unless the queue is empty. */
  peek(maxItems: number, maxBytes: number): readonly PendingItem[] {
    const oldest = this.#items.slice(0, maxItems);
    let bytes = 0;
    const tooMany = oldest.findIndex((item, i) => {
      bytes += item.encoded.byteLength;
      return bytes > maxBytes && i > 0;
    });
    return tooMany < 0 ? oldest : oldest.slice(0, tooMany);
  }

  /** Takes away what `peek` has returned. */
  remove(items: readonly PendingItem[]): void {
    this.#items.splice(0, items.length);
    for (const item of items) this.#bytes -= item.encoded.byteLength;
  }

  /** Takes away everything. */
  drain(): readonly PendingItem[] {
    this.#bytes = 0;
    return this.#items.splice(0);
  }

  /** Takes away what should have been answered by now. */
  takeExpired(nowMs: number): readonly PendingItem[] {
    const isLate = ({ deadlineMs }: PendingItem) => deadlineMs <= nowMs;
    if (!this.#items.some(isLate)) return [];
    const all = this.drain();
    for (const item of all) if (!isLate(item)) this.push(item);
    return all.filter(isLate);
  }
}
