/** Slots of a new table. */
const LEAST_SLOTS = 8192;
/** How many times as many slots a table has after it grew. */
const GROWTH = 1.5;
/** Share of the slots that are in use at most. */
const MAX_LOAD = 0.8;

/**
 * A set of hashes of 64 bits, two whole numbers of 32 each, in flat memory: 10 to 15 bytes for each once it
 * has grown, and 25 in the moment when it grows.
 */
export class HashTable {
  /** Two halves a slot; a slot is free whose low half is 0. */
  #slots = new Uint32Array(LEAST_SLOTS * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of memory. */
  get bytes(): number {
    return this.#slots.byteLength;
  }

  has(low: number, high: number): boolean {
    return this.#slots[slotOf(this.#slots, low || 1, high)] !== 0;
  }

  /** Whether it was not there. */
  add(low: number, high: number): boolean {
    if (this.has(low, high)) return false;
    if (this.#size >= MAX_LOAD * (this.#slots.length / 2)) this.#grow();
    put(this.#slots, low || 1, high);
    this.#size += 1;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    const grown = new Uint32Array(Math.floor((old.length / 2) * GROWTH) * 2);
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at] ?? 0;
      if (low !== 0) put(grown, low, old[at + 1] ?? 0);
    }
    this.#slots = grown;
  }
}

/** Open addressing: where a hash is, or the first free slot from where its high half points to. */
function slotOf(slots: Uint32Array, low: number, high: number): number {
  const share = high / 2 ** 32;
  let at = Math.floor(share * (slots.length / 2)) * 2;
  while (slots[at] !== 0 && (slots[at] !== low || slots[at + 1] !== high)) {
    at += 2;
    if (at === slots.length) at = 0;
  }
  return at;
}

function put(slots: Uint32Array, low: number, high: number): void {
  const at = slotOf(slots, low, high);
  slots[at] = low;
  slots[at + 1] = high;
}
