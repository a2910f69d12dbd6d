import { randomInt } from 'node:crypto';

export interface FuzzOptions {
  /** 0 to 2^32 - 1: the inputs follow from it. */
  readonly seed: number;
  /** How many inputs, or for how long. */
  readonly until: { readonly inputs: number } | { readonly seconds: number };
}

const DEFAULT_INPUTS = 3_000;
const MAX_SEED = 2 ** 32 - 1;

/**
 * What `npm run fuzz` asks for with FUZZ_SEED and FUZZ_SECONDS. Without them a fresh seed and a
 * number of inputs: what a test does is no matter of how fast the machine is.
 */
export function fuzzOptions(): FuzzOptions {
  const { FUZZ_SEED, FUZZ_SECONDS } = process.env;
  return {
    seed: FUZZ_SEED === undefined ? randomInt(MAX_SEED + 1) : number('FUZZ_SEED', FUZZ_SEED),
    until:
      FUZZ_SECONDS === undefined
        ? { inputs: DEFAULT_INPUTS }
        : { seconds: number('FUZZ_SECONDS', FUZZ_SECONDS) },
  };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= MAX_SEED) return value;
  throw new TypeError(`${name} takes a number from 0 to ${MAX_SEED}, not "${text}"`);
}
