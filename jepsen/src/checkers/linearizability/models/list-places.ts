import { JepsenError } from '../../../errors.js';
import type { UnknownOperation } from '../../../histories/operation.js';
import type { ListHash, ListInput, ListOperation, ListOutput } from './list-operation.js';

/** Hashes that are computed to find out which appends of unknown outcome fill the gaps. */
const MAX_HASH_TRIES = 500_000;

/** Equal to none that was read, not even to itself. */
const IMPOSSIBLE_HASH = Number.NaN;

/** Places between two known lists, of which some are filled by nobody knows whom. */
interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly gaps: number;
}

/**
 * What the results of a history, taken together, say about its list: which value stands at which
 * place, and which hash belongs to which length.
 *
 * Where the hash's function is known, a gap that an append of unknown outcome must have filled is
 * closed by trying which of them gives the hash that was read after it. Long gaps among many
 * candidates are left alone; there the verdict may be too mild, and is never too strict.
 */
export class ListPlaces {
  readonly #values = new Map<number, string>();
  readonly #hashes = new Map<number, number>();
  /** By length: when the first read that saw it had returned. */
  readonly #readBy = new Map<number, number>();
  /** Values of unknown outcome whose place was found out. */
  readonly #found = new Set<string>();
  readonly #unknown: UnknownOperation<ListInput>[] = [];
  #longest = 0;
  #triesLeft = MAX_HASH_TRIES;

  constructor(operations: readonly ListOperation[], hash: ListHash | undefined) {
    const appended = new Set<string>();
    for (const operation of operations) {
      if (operation.input.kind === 'append') takeUnique(operation.input.value, appended);
      if (operation.outcome === 'unknown') this.#unknown.push(operation);
      else this.#learn(operation.input, operation.output, operation.returnedAt);
    }
    if (hash !== undefined) this.#follow(hash);
  }

  /** Whether an append of unknown outcome may be the one that stands there. */
  mayStandAt(place: number, value: string): boolean {
    if (place > this.#longest) return false; // nobody would see it
    const there = this.#values.get(place);
    return there === value || (there === undefined && !this.#found.has(value));
  }

  isHashAt(length: number, hash: number | undefined): boolean {
    return hash === undefined || (this.#hashes.get(length) ?? hash) === hash;
  }

  /** As far as it is known. */
  hashAt(length: number): number | undefined {
    const hash = this.#hashes.get(length);
    return Number.isNaN(hash) ? undefined : hash;
  }

  /** Whether the place of a value of unknown outcome was found out. */
  isFound(value: string): boolean {
    return this.#found.has(value);
  }

  #learn(input: ListInput, { length, hash }: ListOutput, returnedAt: number): void {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new JepsenError('HISTORY_INVALID', `a list has no length ${length}`);
    }
    this.#longest = Math.max(this.#longest, length);
    if (input.kind === 'append') this.#values.set(length, input.value);
    else if (hash !== undefined) {
      if (!this.#hashes.has(length)) this.#hashes.set(length, hash);
      this.#readBy.set(length, Math.min(returnedAt, this.#readBy.get(length) ?? returnedAt));
    }
  }

  /** Goes along the list, with the hash of each length as long as it is known. */
  #follow({ empty, extend }: ListHash): void {
    let hash = empty;
    for (let place = 0; ; ) {
      this.#hashes.set(place, hash);
      const value = this.#values.get(place + 1);
      if (value === undefined) {
        const stretch = this.#stretchFrom(place + 1);
        if (stretch === undefined || !this.#close(stretch, hash, extend)) return;
        place = stretch.last;
        hash = this.#hashes.get(place) ?? empty;
      } else {
        hash = extend(hash, value);
        place += 1;
      }
    }
  }

  /** From a gap to the next length whose hash was read. */
  #stretchFrom(first: number): Stretch | undefined {
    let gaps = 0;
    for (let last = first; last <= this.#longest; last++) {
      if (!this.#values.has(last)) gaps += 1;
      if (gaps > this.#unknown.length) return undefined;
      if (this.#readBy.has(last)) return { first, last, gaps };
    }
    return undefined;
  }

  /** Fills the gaps if there is one way to. False if there is none: the hash can't be right. */
  #close(stretch: Stretch, before: number, extend: ListHash['extend']): boolean {
    const candidates = this.#candidates(stretch.last);
    const tries = candidates.length ** stretch.gaps;
    if (tries > this.#triesLeft) return true;
    this.#triesLeft -= tries;
    const ways = this.#waysToFill(stretch, candidates, before, extend);
    const [way] = ways;
    if (way === undefined) this.#hashes.set(stretch.last, IMPOSSIBLE_HASH);
    else if (ways.length === 1) this.#fill(stretch, way);
    return way !== undefined;
  }

  #waysToFill(
    { first, last }: Stretch,
    candidates: readonly string[],
    before: number,
    extend: ListHash['extend'],
  ): readonly (readonly string[])[] {
    const ways: (readonly string[])[] = [];
    const filled: string[] = [];
    const fillFrom = (place: number, hash: number): void => {
      const known = this.#values.get(place);
      if (place > last) {
        if (hash === this.#hashes.get(last)) ways.push([...filled]);
      } else if (known !== undefined) fillFrom(place + 1, extend(hash, known));
      else {
        for (const candidate of candidates) {
          if (filled.includes(candidate)) continue;
          filled.push(candidate);
          fillFrom(place + 1, extend(hash, candidate));
          filled.pop();
        }
      }
    };
    fillFrom(first, before);
    return ways;
  }

  /** Values that may stand in a list of that length, when it was read. */
  #candidates(length: number): readonly string[] {
    const readBy = this.#readBy.get(length) ?? 0;
    return this.#unknown.flatMap(({ input, invokedAt }) =>
      input.kind === 'append' && invokedAt <= readBy && !this.#found.has(input.value)
        ? [input.value]
        : [],
    );
  }

  #fill({ first, last }: Stretch, way: readonly string[]): void {
    let used = 0;
    for (let place = first; place <= last; place++) {
      if (this.#values.has(place)) continue;
      const value = way[used++] ?? '';
      this.#values.set(place, value);
      this.#found.add(value);
    }
  }
}

function takeUnique(value: string, taken: Set<string>): void {
  if (taken.has(value)) {
    throw new JepsenError('HISTORY_INVALID', `the value ${value} is appended more than once`);
  }
  taken.add(value);
}
