import { type ByteString, textFromByteString } from '../../namespace/tree/byte-string.js';

/** Examples kept for each reason. */
const MAX_SKIPPED_EXAMPLES = 3;
/** Reasons told apart; a tree cannot make this grow. */
const MAX_REASONS = 64;

export interface SkippedReason {
  readonly reason: string;
  readonly count: number;
  /** The first paths, as JSON has them. */
  readonly examples: readonly string[];
}

/** What was not loaded, by reason. */
export class Skipped {
  readonly #reasons = new Map<string, { count: number; harmless: boolean; examples: string[] }>();

  /** `harmless`: leaving it out is what everyone expects, such as of a socket. */
  add(reason: string, path: ByteString, harmless = false): void {
    const key = this.#reasons.size < MAX_REASONS || this.#reasons.has(reason) ? reason : 'other';
    const known = this.#reasons.get(key) ?? { count: 0, harmless, examples: [] };
    known.count += 1;
    known.harmless &&= harmless;
    if (known.examples.length < MAX_SKIPPED_EXAMPLES) known.examples.push(textFromByteString(path));
    this.#reasons.set(key, known);
  }

  get count(): number {
    let sum = 0;
    for (const { count } of this.#reasons.values()) sum += count;
    return sum;
  }

  /** Whether nothing is missing that could have been loaded. */
  get harmless(): boolean {
    return [...this.#reasons.values()].every((reason) => reason.harmless);
  }

  /** The most frequent first. */
  reasons(): readonly SkippedReason[] {
    return [...this.#reasons]
      .map(([reason, { count, examples }]) => ({ reason, count, examples }))
      .sort((a, b) => b.count - a.count);
  }
}
