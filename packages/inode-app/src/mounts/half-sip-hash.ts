import type { ByteString } from '../namespace/tree/byte-string.js';

/**
 * HalfSipHash-2-4 with 64 bits (Aumasson, Bernstein: SipHash): without its key nobody can choose bytes
 * whose hashes collide. Fast in JavaScript, since it takes 32 bits at a time.
 */
export class HalfSipHash {
  readonly #key0: number;
  readonly #key1: number;
  readonly #state = new Int32Array(4);
  /** Bits 0 to 31 of the last hash, unsigned. */
  low = 0;
  /** Bits 32 to 63 of the last hash, unsigned. */
  high = 0;

  /** A key of 64 bits, in two halves. */
  constructor(key0: number, key1: number) {
    this.#key0 = key0;
    this.#key1 = key1;
  }

  /** Puts the hash of these bytes into `low` and `high`. */
  hash(bytes: ByteString): void {
    const state = this.#state;
    state[0] = this.#key0;
    state[1] = this.#key1 ^ 0xee;
    state[2] = this.#key0 ^ 0x6c796765;
    state[3] = this.#key1 ^ 0x74656462;
    const { length } = bytes;
    const whole = length - (length % 4);
    for (let at = 0; at < whole; at += 4) {
      compress(
        state,
        bytes.charCodeAt(at) |
          (bytes.charCodeAt(at + 1) << 8) |
          (bytes.charCodeAt(at + 2) << 16) |
          (bytes.charCodeAt(at + 3) << 24),
      );
    }
    let rest = length << 24;
    for (let at = whole; at < length; at += 1) rest |= bytes.charCodeAt(at) << (8 * (at - whole));
    compress(state, rest);
    this.low = finish(state, 2, 0xee);
    this.high = finish(state, 1, 0xdd);
  }
}

function compress(state: Int32Array, word: number): void {
  mix(state, 3, word);
  round(state);
  round(state);
  mix(state, 0, word);
}

function finish(state: Int32Array, at: number, constant: number): number {
  mix(state, at, constant);
  for (let rounds = 0; rounds < 4; rounds += 1) round(state);
  return ((state[1] ?? 0) ^ (state[3] ?? 0)) >>> 0;
}

function mix(state: Int32Array, at: number, word: number): void {
  state[at] = (state[at] ?? 0) ^ word;
}

function round(state: Int32Array): void {
  let v0 = state[0] ?? 0;
  let v1 = state[1] ?? 0;
  let v2 = state[2] ?? 0;
  let v3 = state[3] ?? 0;
  v0 = (v0 + v1) | 0;
  v1 = rotate(v1, 5) ^ v0;
  v0 = rotate(v0, 16);
  v2 = (v2 + v3) | 0;
  v3 = rotate(v3, 8) ^ v2;
  v0 = (v0 + v3) | 0;
  v3 = rotate(v3, 7) ^ v0;
  v2 = (v2 + v1) | 0;
  v1 = rotate(v1, 13) ^ v2;
  v2 = rotate(v2, 16);
  state[0] = v0;
  state[1] = v1;
  state[2] = v2;
  state[3] = v3;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
