/** A returned value that no other returned value begins with. */
interface Grown {
  readonly value: string;
  /**
   * The length of the only value that it can have grown from, when nothing else was appended yet;
   * undefined if there are several such values.
   */
  readonly originLength: number | undefined;
}

/**
 * What the gets of one key say about how its values grew, in a history with puts.
 *
 * A value grows by appends until the next put. If only one put can have been the origin of a value
 * that a get returned, then from that put on, until the value is reached and the get is placed,
 * nothing else may happen to the key: it would never come to have that value again.
 */
export class GrownValues {
  /** In the order of JavaScript strings: those that begin alike stand together. */
  readonly #grown: readonly Grown[];
  readonly #put: Beginnings;
  readonly #appended: Beginnings;

  constructor(returned: ReadonlySet<string>, put: readonly string[], appended: readonly string[]) {
    this.#put = new Beginnings(put);
    this.#appended = new Beginnings(appended.filter((value) => value !== ''));
    const sorted = [...returned].sort();
    this.#grown = sorted
      .filter((value, i) => sorted[i + 1]?.startsWith(value) !== true)
      .map((value) => ({ value, originLength: this.#onlyOriginLength(value) }));
  }

  /** Whether some get returned a value that begins with this. */
  isBeginning(value: string): boolean {
    return this.#grown[this.#firstFrom(value)]?.value.startsWith(value) ?? false;
  }

  /** Whether some get returned a value that has this anywhere. */
  isPart(value: string): boolean {
    return this.#grown.some((grown) => grown.value.includes(value));
  }

  /** Whether a key that had this value, and another then, may have it again. */
  comesBack(value: string): boolean {
    return this.#originLengths(value).length > 1;
  }

  /**
   * Whether the key may go from one value to another without giving up one that a get returned.
   *
   * @param next undefined for one that begins anew
   */
  mayGoOn(value: string, next: string | undefined): boolean {
    for (let i = this.#firstFrom(value); ; i++) {
      const grown = this.#grown[i];
      if (grown === undefined || !grown.value.startsWith(value)) return true;
      const { originLength } = grown;
      if (originLength === undefined || originLength > value.length) continue;
      if (grown.value.length === value.length) continue;
      if (next === undefined || !grown.value.startsWith(next)) return false;
    }
  }

  #onlyOriginLength(value: string): number | undefined {
    const [length, ...others] = this.#originLengths(value);
    return others.length === 0 ? length : undefined;
  }

  /** Of the puts that it may have grown from; 0 for the empty value before all puts. */
  #originLengths(value: string): readonly number[] {
    const lengths = this.#put.lengthsIn(value);
    const beforePuts = value === '' || this.#appended.lengthsIn(value).length > 0;
    return beforePuts ? [0, ...lengths] : lengths;
  }

  #firstFrom(value: string): number {
    let low = 0;
    let high = this.#grown.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#grown[middle]?.value ?? '') < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Texts that others may begin with. Fast where they have few different lengths. */
class Beginnings {
  readonly #counts = new Map<string, number>();
  readonly #lengths = new Set<number>();

  constructor(texts: readonly string[]) {
    for (const text of texts) {
      this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
      this.#lengths.add(text.length);
    }
  }

  /** The lengths of those that `text` begins with. */
  lengthsIn(text: string): readonly number[] {
    const lengths: number[] = [];
    for (const length of this.#lengths) {
      const count = length > text.length ? 0 : (this.#counts.get(text.slice(0, length)) ?? 0);
      for (let i = 0; i < count; i++) lengths.push(length);
    }
    return lengths;
  }
}
