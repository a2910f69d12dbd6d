/** A value, and since when it is there; both count changes of the map. */
interface Slot<Value> {
  readonly value: Value;
  /** When this value was set. */
  readonly setAt: number;
  /** When its key came: keys are in this order. */
  readonly cameAt: number;
}

/** A moment that is being read. */
interface Moment<Key, Value> {
  readonly changes: number;
  /** The last key that was passed, by its `cameAt`. */
  passed: number;
  /** What changed before it was passed, as it was. */
  readonly before: (readonly [Key, Value])[];
}

/**
 * A map whose entries of one moment can be read while it changes: what a state machine in memory takes a
 * snapshot of. Reading a moment costs memory for what is changed meanwhile, before it was read, and
 * each change a comparison; nothing is copied up front. Values are set as a whole: what is inside one must not be changed.
 */
export class SnapshotMap<Key, Value> {
  readonly #slots = new Map<Key, Slot<Value>>();
  readonly #moments = new Set<Moment<Key, Value>>();
  #changes = 0;

  get size(): number {
    return this.#slots.size;
  }

  /** Moments that are being read. */
  get moments(): number {
    return this.#moments.size;
  }

  has(key: Key): boolean {
    return this.#slots.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#slots.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const slot = this.#slots.get(key);
    this.#keep(key, slot);
    const setAt = ++this.#changes;
    this.#slots.set(key, { value, setAt, cameAt: slot?.cameAt ?? setAt });
  }

  /** False when it was not there. */
  delete(key: Key): boolean {
    this.#keep(key, this.#slots.get(key));
    this.#changes++;
    return this.#slots.delete(key);
  }

  clear(): void {
    for (const [key, slot] of this.#moments.size > 0 ? this.#slots : []) this.#keep(key, slot);
    this.#slots.clear();
  }

  *[Symbol.iterator](): IterableIterator<[Key, Value]> {
    for (const [key, { value }] of this.#slots) yield [key, value];
  }

  /**
   * The entries as they are at this call, each once, in no order that could be relied on. Whoever does not
   * read them to the end calls `return`, as `for` does: until then what changes is kept.
   */
  moment(): IterableIterator<readonly [Key, Value]> {
    const moment: Moment<Key, Value> = { changes: this.#changes, passed: 0, before: [] };
    this.#moments.add(moment);
    const entries = this.#read(moment);
    return {
      next: () => entries.next(),
      return: () => {
        this.#moments.delete(moment);
        return entries.return(undefined);
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  *#read(moment: Moment<Key, Value>): Generator<readonly [Key, Value], undefined, undefined> {
    for (const [key, { value, setAt, cameAt }] of this.#slots) {
      moment.passed = cameAt;
      if (setAt <= moment.changes) yield [key, value];
    }
    this.#moments.delete(moment);
    yield* moment.before;
    return undefined;
  }

  /** A slot is about to go: whoever reads a moment that has it, and has not come to it, gets it later. */
  #keep(key: Key, slot: Slot<Value> | undefined): void {
    if (slot === undefined || this.#moments.size === 0) return;
    for (const { changes, passed, before } of this.#moments) {
      if (slot.setAt <= changes && slot.cameAt > passed) before.push([key, slot.value]);
    }
  }
}
