import type { FuzzRandom } from './random.js';

/** Bytes of a mutated input at most. */
const MAX_INPUT_BYTES = 16 * 1024;

const MAX_CHANGES = 6;
const MAX_PIECE_BYTES = 64;

/** Limits of numbers and signs, and what begins the kinds of MessagePack and of text. */
const TELLING_BYTES = [
  0x00, 0x01, 0x0a, 0x20, 0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
  0xa0, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf, 0xd3, 0xd4, 0xd8, 0xdb, 0xdd, 0xdf,
  0xe0, 0xfe, 0xff,
] as const;

const TELLING_INTEGERS = [
  0, 1, -1, 0x7f, 0x80, 0xff, 0x100, 0x8000, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
] as const;

type Change = (random: FuzzRandom, bytes: Buffer, corpus: readonly Buffer[]) => Buffer;

/** Other bytes made out of `bytes`, with some of another of the corpus now and then. */
export function mutateBytes(random: FuzzRandom, bytes: Buffer, corpus: readonly Buffer[]): Buffer {
  if (random.chance(0.02)) return randomBytes(random, random.below(2 * MAX_PIECE_BYTES));
  // A copy: changes are made in place.
  let mutated: Buffer = Buffer.from(bytes);
  const changes = 1 + Math.floor(random.below(MAX_CHANGES) * (random.below(100) / 100));
  for (let i = 0; i < changes; i++) mutated = random.pick(CHANGES)(random, mutated, corpus);
  return mutated.subarray(0, MAX_INPUT_BYTES);
}

const CHANGES: readonly [Change, ...Change[]] = [
  flipBit,
  setByte,
  setByte,
  setInteger,
  insert,
  remove,
  repeat,
  cut,
  splice,
];

function flipBit(random: FuzzRandom, bytes: Buffer): Buffer {
  const at = random.below(bytes.length);
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setByte(random: FuzzRandom, bytes: Buffer): Buffer {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick(TELLING_BYTES);
  return bytes;
}

/** Numbers of 2, 4 or 8 bytes, in both orders. */
function setInteger(random: FuzzRandom, bytes: Buffer): Buffer {
  const width = random.pick([2, 4, 8]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const value = BigInt.asUintN(64, BigInt(random.pick(TELLING_INTEGERS)));
  const integer = Buffer.alloc(8);
  if (random.chance(0.5)) {
    integer.writeBigUInt64BE(value);
    integer.copy(bytes, at, 8 - width);
  } else {
    integer.writeBigUInt64LE(value);
    integer.copy(bytes, at, 0, width);
  }
  return bytes;
}

function insert(random: FuzzRandom, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const piece = randomBytes(random, 1 + random.below(8));
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function remove(random: FuzzRandom, bytes: Buffer): Buffer {
  const [start, end] = piece(random, bytes);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function repeat(random: FuzzRandom, bytes: Buffer): Buffer {
  const [start, end] = piece(random, bytes);
  const times = 1 + random.below(4);
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end));
  return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
}

function cut(random: FuzzRandom, bytes: Buffer): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

/** The beginning of one and the end of another. */
function splice(random: FuzzRandom, bytes: Buffer, corpus: readonly Buffer[]): Buffer {
  const other = random.pick(corpus) ?? bytes;
  const at = random.below(bytes.length + 1);
  const from = random.below(other.length + 1);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from)]);
}

function piece(random: FuzzRandom, bytes: Buffer): [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random.below(MAX_PIECE_BYTES))];
}

function randomBytes(random: FuzzRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}
