/** Entries from `index` up to where the next step starts, and their bytes in sum. */
export interface SizeStep {
  readonly index: number;
  readonly bytes: number;
}

/** A step holds about so many bytes; within one, all entries count alike. */
const STEP_BYTES = 256 * 1024;

/**
 * How many bytes the entries of a log take, and where: a number for some hundred KiB instead of one an
 * entry. Exact until a step is cut in two.
 */
export class LogSizes {
  /** Ascending by index, without gaps. */
  readonly #steps: { index: number; bytes: number }[] = [];
  #firstIndex: number;
  #lastIndex: number;
  #bytes = 0;

  /** Of a log without entries behind `baseIndex`. */
  constructor(baseIndex: number) {
    this.#firstIndex = baseIndex + 1;
    this.#lastIndex = baseIndex;
  }

  /** Of a log whose entries up to `lastIndex` are in `steps`. */
  static of(baseIndex: number, lastIndex: number, steps: readonly SizeStep[]): LogSizes {
    const sizes = new LogSizes(baseIndex);
    sizes.#lastIndex = lastIndex;
    for (const { index, bytes } of steps) {
      sizes.#steps.push({ index, bytes });
      sizes.#bytes += bytes;
    }
    return sizes;
  }

  /** Of all entries held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A copy. */
  get steps(): readonly SizeStep[] {
    return this.#steps.map(({ index, bytes }) => ({ index, bytes }));
  }

  /** Adds the next entry. */
  append(bytes: number): void {
    this.#lastIndex++;
    this.#bytes += bytes;
    const last = this.#steps.at(-1);
    if (last !== undefined && last.bytes < STEP_BYTES) last.bytes += bytes;
    else this.#steps.push({ index: this.#lastIndex, bytes });
  }

  /** Forgets `index` and everything behind it. */
  truncateFrom(index: number): void {
    if (index > this.#lastIndex) return;
    let end = this.#lastIndex + 1;
    let last = this.#steps.at(-1);
    while (last !== undefined && last.index >= index) {
      this.#steps.pop();
      this.#bytes -= last.bytes;
      end = last.index;
      last = this.#steps.at(-1);
    }
    if (last !== undefined) {
      const gone = share(last, index - last.index, end);
      last.bytes -= gone;
      this.#bytes -= gone;
    }
    this.#lastIndex = index - 1;
  }

  /** The log begins behind `baseIndex`: what is behind that stays. */
  beginAt(baseIndex: number): void {
    const first = baseIndex + 1;
    const kept = this.#steps.findLastIndex(({ index }) => index <= first);
    for (const { bytes } of this.#steps.splice(0, kept)) this.#bytes -= bytes;
    const [step] = this.#steps;
    if (step !== undefined && step.index < first) {
      const left = share(step, first - step.index, this.#endOf(0));
      this.#bytes += left - step.bytes;
      step.bytes = left;
      step.index = first;
    }
    this.#firstIndex = first;
  }

  /** The log holds nothing behind `baseIndex`. */
  reset(baseIndex: number): void {
    this.#steps.length = 0;
    this.#firstIndex = baseIndex + 1;
    this.#lastIndex = baseIndex;
    this.#bytes = 0;
  }

  /** The first entry of the newest that together take no more than `maxBytes`. */
  firstWithin(maxBytes: number): number {
    let room = maxBytes;
    for (let place = this.#steps.length - 1; place >= 0; place--) {
      const step = this.#steps[place];
      if (step === undefined) break;
      if (step.bytes > room) {
        const end = this.#endOf(place);
        return end - Math.floor(((end - step.index) * room) / step.bytes);
      }
      room -= step.bytes;
    }
    return this.#firstIndex;
  }

  /** The index behind the last entry of a step. */
  #endOf(place: number): number {
    return this.#steps[place + 1]?.index ?? this.#lastIndex + 1;
  }
}

/** What the entries of a step from the one at `offset` on take; the step ends before `end`. */
function share({ index, bytes }: SizeStep, offset: number, end: number): number {
  const entries = end - index;
  return Math.round((bytes * (entries - offset)) / entries);
}
