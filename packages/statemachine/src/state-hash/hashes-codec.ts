import type { WireValue } from '@raft-ts/net';
import { MAX_CHECKPOINTS } from './state-hash.js';
import type { StateHashAt } from './state-hash-rows.js';

/** Hashes as they stand in an entry, and in an answer: `[[index, hash], ...]`. */
export function encodeHashes(hashes: readonly StateHashAt[]): readonly WireValue[] {
  return hashes.map(({ index, hash }) => [index, hash]);
}

/** Undefined for what is none, or too many, or not by ascending index. */
export function decodeHashes(value: WireValue): readonly StateHashAt[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_CHECKPOINTS) return undefined;
  const hashes: StateHashAt[] = [];
  for (const pair of value as readonly WireValue[]) {
    const [index, hash]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    const above = hashes.at(-1)?.index ?? 0;
    if (!isWhole(index) || !isWhole(hash) || index <= above || hash > 0xffff_ffff) return undefined;
    hashes.push({ index, hash });
  }
  return hashes;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
