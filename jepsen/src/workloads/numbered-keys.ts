import type { Random } from '../random.js';
import type { WorkloadOptions } from './workload.js';

/** Calls beyond what the rate makes of the time, as draws vary. */
const MARGIN = 1.3;

/** Keys that are used one after the other, so that what lies under each stays small. */
export class NumberedKeys {
  readonly count: number;
  readonly #perKey: number;
  #given = 0;

  /** @param perKey elements that go to a key before the next one has its turn; the last one takes the rest */
  constructor({ calls }: WorkloadOptions, perKey: number) {
    this.#perKey = perKey;
    this.count = Math.max(1, Math.ceil((calls * MARGIN) / perKey));
  }

  get all(): readonly string[] {
    return Array.from({ length: this.count }, (_, at) => `k${at}`);
  }

  /** A new element, unlike all before, and its key. */
  next(): { readonly key: string; readonly element: number } {
    const key = `k${this.#current}`;
    return { key, element: this.#given++ };
  }

  /** A key that elements go to now, or went to lately. */
  recent(random: Random): string {
    return `k${Math.max(0, this.#current - random.below(RECENT_KEYS))}`;
  }

  get #current(): number {
    return Math.min(this.count - 1, Math.floor(this.#given / this.#perKey));
  }
}

const RECENT_KEYS = 3;
