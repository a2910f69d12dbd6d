/** What happened, in order: always as a hash, and as text for whoever wants to read it. */
export class Trace {
  readonly #now: () => number;
  readonly #write: ((line: string) => void) | undefined;
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);
  #high = 0x811c_9dc5;
  #low = 0x2545_f491;

  constructor(now: () => number, write?: (line: string) => void) {
    this.#now = now;
    this.#write = write;
  }

  /** Equal for equal traces. */
  get hash(): string {
    return hex(this.#high) + hex(this.#low);
  }

  /** `who`: a member's id, a client's number, or 0. `text` is added for readers. */
  record(kind: string, who: number, a: number, b: number, text?: () => string): void {
    const now = this.#now();
    this.#number(now);
    this.#mix(numberOf(kind));
    this.#mix(who);
    this.#number(a);
    this.#number(b);
    if (this.#write === undefined) return;
    const subject = who === 0 ? '     ' : `${who}`.padStart(4).padEnd(5);
    const rest = text === undefined ? '' : ` ${text()}`;
    this.#write(`${now.toFixed(3).padStart(11)} ms ${subject} ${kind}${rest}`);
  }

  #number(value: number): void {
    this.#float[0] = value;
    this.#mix(this.#words[0] ?? 0);
    this.#mix(this.#words[1] ?? 0);
  }

  #mix(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x0100_0193);
    this.#low = Math.imul(this.#low ^ (this.#high >>> 13) ^ word, 0x85eb_ca6b);
    this.#low ^= this.#low >>> 16;
  }
}

/** A number for each kind, a function of its characters. */
const KINDS = new Map<string, number>();

function numberOf(kind: string): number {
  let number = KINDS.get(kind);
  if (number === undefined) {
    number = 0x811c_9dc5;
    for (let i = 0; i < kind.length; i++) {
      number = Math.imul(number ^ kind.charCodeAt(i), 0x0100_0193);
    }
    KINDS.set(kind, number);
  }
  return number;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
