import type { PendingItem } from './pending-item.js';

/** Requests that wait to be proposed, oldest first. */
export class ItemQueue {
  #items: PendingItem[] = [];
  /** Of the oldest in `#items`; the ones before were taken. */
  #first = 0;
  #bytes = 0;
  #earliestDeadlineMs = Number.POSITIVE_INFINITY;

  get length(): number {
    return this.#items.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(item: PendingItem): void {
    this.#items.push(item);
    this.#bytes += item.encoded.byteLength;
    this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, item.deadlineMs);
  }

  /** The oldest ones, as many as fit; at least one, unless the queue is empty. */
  peek(maxItems: number, maxBytes: number): readonly PendingItem[] {
    let bytes = 0;
    let end = this.#first;
    while (end < this.#items.length && end - this.#first < maxItems) {
      bytes += this.#items[end]?.encoded.byteLength ?? 0;
      if (bytes > maxBytes && end > this.#first) break;
      end++;
    }
    return this.#items.slice(this.#first, end);
  }

  /** Takes away what `peek` has returned. */
  remove(items: readonly PendingItem[]): void {
    this.#first += items.length;
    for (const item of items) this.#bytes -= item.encoded.byteLength;
    if (this.length === 0) {
      this.#items = [];
      this.#first = 0;
      this.#earliestDeadlineMs = Number.POSITIVE_INFINITY;
    } else if (this.#first >= 4096) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Takes away everything. */
  drain(): readonly PendingItem[] {
    const items = this.#items.slice(this.#first);
    this.remove(items);
    return items;
  }

  /** Takes away what should have been answered by now. */
  takeExpired(nowMs: number): readonly PendingItem[] {
    if (nowMs < this.#earliestDeadlineMs) return [];
    const expired: PendingItem[] = [];
    for (const item of this.drain()) {
      if (item.deadlineMs <= nowMs) expired.push(item);
      else this.push(item);
    }
    return expired;
  }
}
