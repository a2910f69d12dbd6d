import type { Random } from './random.js';

/** Extends a running hash of a list by one value. */
export function extendHash(hash: number, value: string): number {
  let h = hash ^ 0x51ed_270b;
  for (let i = 0; i < value.length; i++) {
    h = Math.imul(h ^ value.charCodeAt(i), 0x0100_0193);
    h ^= h >>> 15;
  }
  return h >>> 0;
}

/**
 * The durable state of a state machine that is a list of values: each group of applied entries
 * is written together with its index, and only a flush makes sure that a crash leaves it there.
 */
export class ListStore {
  readonly values: string[] = [];
  /** The hash of the first so many values. */
  readonly #hashes: number[] = [0];
  #commits: { readonly appliedIndex: number; readonly length: number }[] = [
    { appliedIndex: 0, length: 0 },
  ];

  get appliedIndex(): number {
    return this.#commits.at(-1)?.appliedIndex ?? 0;
  }

  get hash(): number {
    return this.#hashes.at(-1) ?? 0;
  }

  append(value: string): void {
    this.#hashes.push(extendHash(this.hash, value));
    this.values.push(value);
  }

  commit(appliedIndex: number): void {
    this.#commits.push({ appliedIndex, length: this.values.length });
  }

  /** What is here now survives a crash. */
  flush(): void {
    this.#commits = this.#commits.slice(-1);
  }

  /** Sets the state back to some moment since the last flush. True when that lost something. */
  crash(random: Random): boolean {
    const kept = random.integer(1, this.#commits.length);
    const lost = kept < this.#commits.length;
    this.#commits = this.#commits.slice(0, kept);
    const length = this.#commits.at(-1)?.length ?? 0;
    this.values.length = length;
    this.#hashes.length = length + 1;
    this.flush();
    return lost;
  }
}
