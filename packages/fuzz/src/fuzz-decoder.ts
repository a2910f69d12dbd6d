import { setImmediate as nextTurn } from 'node:timers/promises';
import { allocatedBytes, retainedBytes } from './memory.js';
import { mutateBytes } from './mutate-bytes.js';
import { type FuzzValue, mutateValue } from './mutate-value.js';
import { type FuzzOptions, fuzzOptions } from './options.js';
import { FuzzRandom } from './random.js';
import { Watchdog } from './watchdog.js';

/** Bytes that decoding one input may allocate: so many, and so many more a byte of it. */
const MAX_ALLOCATED_BYTES = 4 * 1024 * 1024;
const MAX_ALLOCATED_BYTES_EACH = 2_000;
/** Bytes that may be in use after all inputs and were not before. */
const MAX_RETAINED_BYTES = 4 * 1024 * 1024;
/** Accepted inputs that are kept, to be mutated further. */
const MAX_FOUND_INPUTS = 256;
/** Before memory is measured: code is compiled, and what is filled once is. */
const WARM_UP_INPUTS = 1_000;
/** The event loop gets a turn each so many milliseconds. */
const TURN_MS = 50;

/** Reads what comes from a disk or the network. */
export interface Decoder<Input> {
  /** As in its file's name: `npm run fuzz -- NAME` runs it alone. */
  readonly name: string;
  /** What it accepts, as its encoder makes it. */
  readonly corpus: readonly Input[];
  /** Undefined, or throwing what `isRefusal` knows, is how it refuses; or a promise of either. */
  readonly decode: (input: Input) => unknown;
  readonly isRefusal: (error: unknown) => boolean;
  /** Throws when it should not have accepted `input` as `decoded`. */
  readonly check?: (decoded: unknown, input: Input) => void;
}

export interface BytesDecoder extends Decoder<Buffer> {
  /** Makes a checksum fit again: half of the inputs would otherwise get no further. */
  readonly repair?: (input: Buffer) => Buffer;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: number;
  /** All of this and the seed, for people. */
  readonly line: string;
}

/** How a decoder is run on one kind of input. */
interface Kind<Input> {
  readonly mutate: (random: FuzzRandom, input: Input, corpus: readonly Input[]) => Input;
  /** In bytes, roughly. */
  readonly sizeOf: (input: Input) => number;
  readonly show: (input: Input) => string;
  /** Smaller ones, that may do as well as an example. */
  readonly smaller: (input: Input) => Iterable<Input>;
}

/**
 * Gives a decoder of bytes good, damaged and random ones. Rejects when it throws what it should
 * not, takes more memory than the input is worth, keeps some, or never accepts or refuses anything.
 */
export function fuzzBytes(
  decoder: BytesDecoder,
  options: FuzzOptions = fuzzOptions(),
): Promise<FuzzReport> {
  const { repair } = decoder;
  return new Run(decoder, options, {
    mutate: (random, input, corpus) => {
      const mutated = mutateBytes(random, input, corpus);
      return repair !== undefined && random.chance(0.5) ? repair(mutated) : mutated;
    },
    sizeOf: (input) => input.byteLength,
    show: (input) => `${input.byteLength} bytes, in base64: ${input.toString('base64')}`,
    smaller: withoutPieces,
  }).run();
}

/** The same for a decoder of values that have been unpacked already. */
export function fuzzValues(
  decoder: Decoder<FuzzValue>,
  options: FuzzOptions = fuzzOptions(),
): Promise<FuzzReport> {
  return new Run(decoder, options, {
    mutate: mutateValue,
    sizeOf: (input) => (JSON.stringify(input) ?? '').length,
    show: (input) => JSON.stringify(input) ?? String(input),
    smaller: () => [],
  }).run();
}

/** `input` less a half of it, a quarter, ..., one byte. */
function* withoutPieces(input: Buffer): Generator<Buffer> {
  for (let length = input.byteLength >> 1; length > 0; length >>= 1) {
    for (let at = 0; at + length <= input.byteLength; at += length) {
      yield Buffer.concat([input.subarray(0, at), input.subarray(at + length)]);
    }
  }
}

type Outcome = { readonly accepted: boolean } | { readonly wrong: string; readonly cause: unknown };

const ACCEPTED: Outcome = { accepted: true };
const REFUSED: Outcome = { accepted: false };

class Run<Input> {
  readonly #decoder: Decoder<Input>;
  readonly #options: FuzzOptions;
  readonly #kind: Kind<Input>;
  readonly #random: FuzzRandom;
  readonly #watchdog: Watchdog;
  /** Accepted ones that were found on the way. */
  readonly #found: Input[] = [];
  #inputs = 0;
  #accepted = 0;

  constructor(decoder: Decoder<Input>, options: FuzzOptions, kind: Kind<Input>) {
    this.#decoder = decoder;
    this.#options = options;
    this.#kind = kind;
    this.#random = new FuzzRandom(options.seed);
    this.#watchdog = new Watchdog(`${decoder.name}, seed ${options.seed}`);
  }

  async run(): Promise<FuzzReport> {
    await using _ = this.#watchdog;
    const { corpus, name } = this.#decoder;
    for (const input of corpus) {
      if (!(await this.#decode(input)))
        throw this.#failure('it refuses what its encoder made', input);
    }
    for (let i = 0; i < WARM_UP_INPUTS; i++) await this.#next();
    this.#found.length = 0;
    const before = retainedBytes();
    const inputsPerSecond = await this.#runAll();
    this.#found.length = 0;
    const retained = retainedBytes() - before;
    if (retained > MAX_RETAINED_BYTES) {
      throw new Error(`${name}: ${retained} bytes more are in use than before`);
    }
    const [inputs, accepted] = [this.#inputs, this.#accepted];
    if (accepted <= corpus.length || accepted === inputs) {
      throw new Error(
        `${name}: of ${inputs} inputs, ${accepted} were accepted: that tries nothing`,
      );
    }
    const line =
      `fuzz ${name}: seed ${this.#options.seed}, ${inputs} inputs, ${accepted} accepted, ` +
      `${Math.round(inputsPerSecond)} a second`;
    return { inputs, accepted, line };
  }

  /** Returns inputs a second. */
  async #runAll(): Promise<number> {
    const { until } = this.#options;
    const first = this.#inputs;
    const startMs = performance.now();
    let turnEndsMs = TURN_MS;
    for (;;) {
      const count = this.#inputs - first;
      const passedMs = performance.now() - startMs;
      const atEnd = 'inputs' in until ? count >= until.inputs : passedMs >= until.seconds * 1000;
      if (atEnd) return (count / passedMs) * 1000;
      if (passedMs > turnEndsMs) {
        await nextTurn();
        turnEndsMs = passedMs + TURN_MS;
      }
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    const { corpus } = this.#decoder;
    const random = this.#random;
    const from = this.#found.length > 0 && random.chance(0.5) ? this.#found : corpus;
    const chosen = random.pick(from);
    if (chosen === undefined) throw new Error(`${this.#decoder.name} has no corpus`);
    const input = this.#kind.mutate(random, chosen, corpus);
    if (!(await this.#decode(input))) return;
    if (this.#found.length < MAX_FOUND_INPUTS) this.#found.push(input);
    else this.#found[random.below(MAX_FOUND_INPUTS)] = input;
  }

  /** Whether the decoder accepts `input`; throws when it neither does nor refuses it. */
  async #decode(input: Input): Promise<boolean> {
    this.#inputs++;
    this.#watchdog.begins(this.#inputs);
    const before = allocatedBytes();
    const outcome = await this.#outcomeOf(input);
    const allocated = allocatedBytes() - before;
    this.#watchdog.ended();
    if ('wrong' in outcome) {
      throw this.#failure(outcome.wrong, await this.#shrunk(input), outcome.cause);
    }
    const limit = MAX_ALLOCATED_BYTES + MAX_ALLOCATED_BYTES_EACH * this.#kind.sizeOf(input);
    if (allocated > limit) throw this.#failure(`it took ${allocated} bytes of memory`, input);
    if (outcome.accepted) this.#accepted++;
    return outcome.accepted;
  }

  async #outcomeOf(input: Input): Promise<Outcome> {
    const { decode, isRefusal, check } = this.#decoder;
    let decoded: unknown;
    try {
      decoded = await decode(input);
    } catch (cause) {
      return isRefusal(cause) ? REFUSED : { wrong: 'it threw what it should not', cause };
    }
    if (decoded === undefined) return REFUSED;
    try {
      check?.(decoded, input);
    } catch (cause) {
      return { wrong: 'what it accepted is not what it should be', cause };
    }
    return ACCEPTED;
  }

  /** The smallest input that is found to go wrong, too. */
  async #shrunk(input: Input): Promise<Input> {
    for (const smaller of this.#kind.smaller(input)) {
      if ('wrong' in (await this.#outcomeOf(smaller))) return await this.#shrunk(smaller);
    }
    return input;
  }

  #failure(what: string, input: Input, cause?: unknown): Error {
    const { name } = this.#decoder;
    const reason = cause instanceof Error ? `\n${cause.stack}` : '';
    return new Error(
      `${name}: ${what}.\n  input ${this.#inputs}: ${this.#kind.show(input)}\n` +
        `  npm run fuzz -- --seed ${this.#options.seed} ${name}${reason}`,
      { cause },
    );
  }
}
