import { expect, it } from 'vitest';
import { byteStringOf } from '../namespace/tree/byte-string.js';
import { HalfSipHash } from './half-sip-hash.js';

/** Of the reference implementation: the key is bytes 0 to 7, the input as many bytes from 0 on. */
const VECTORS: Readonly<Record<number, string>> = {
  0: '218d1f59b9b83cc8',
  1: 'be552412f8387315',
  3: 'ce0f1a45f7060679',
  4: 'd5e78a175be52ea1',
  8: 'edfee820bce4858c',
  15: '217d0bcb4e81c902',
};

it('hashes as the reference implementation does', () => {
  const hasher = new HalfSipHash(0x03020100, 0x07060504);
  for (const [length, expected] of Object.entries(VECTORS)) {
    hasher.hash(byteStringOf(Buffer.from(Array.from({ length: Number(length) }, (_, at) => at))));
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(hasher.low, 0);
    bytes.writeUInt32LE(hasher.high, 4);
    expect(bytes.toString('hex')).toBe(expected);
  }
});

it('takes each bit of a byte, and the key', () => {
  const of = (bytes: number[], key0 = 1) => {
    const hasher = new HalfSipHash(key0, 2);
    hasher.hash(byteStringOf(Buffer.from(bytes)));
    return `${hasher.low} ${hasher.high}`;
  };
  const hashes = [of([]), of([0xff]), of([0x7f]), of([0xff, 0xff, 0xff, 0xff]), of([0xff], 3)];
  expect(new Set(hashes).size).toBe(hashes.length);
});
