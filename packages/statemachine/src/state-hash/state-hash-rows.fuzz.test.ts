import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { StateMachineError } from '../errors.js';
import {
  checkpointRow,
  decodeStateHashRow,
  divergenceRow,
  lastRow,
  type StateHashRow,
} from './state-hash-rows.js';

const MAX_KEY_BYTES = 2;

/** Key and value in one: the first byte says how long the key is. */
function row(key: Uint8Array, value: Uint8Array | undefined): Buffer {
  const padded = Buffer.alloc(MAX_KEY_BYTES);
  padded.set(key);
  return Buffer.concat([Uint8Array.of(key.byteLength), padded, value ?? Buffer.alloc(0)]);
}

it('state-hash-rows', async () => {
  const at = { index: 2 ** 40, hash: 0xffff_fffe };
  const rows = [
    lastRow(at, 65, 7),
    checkpointRow(63, at),
    divergenceRow({ equalAt: 1_024, differentAt: 2_048 }),
  ];
  const report = await fuzzBytes({
    name: 'state-hash-rows',
    corpus: rows.map(({ key, value }) => row(key, value)),
    decode: (bytes) => {
      const key = bytes.subarray(1, 1 + Math.min(MAX_KEY_BYTES, bytes[0] ?? 0));
      return decodeStateHashRow(key, bytes.subarray(1 + MAX_KEY_BYTES));
    },
    isRefusal: (error) => error instanceof StateMachineError && error.code === 'SESSIONS_CORRUPT',
    check: (decoded) => {
      const read = decoded as StateHashRow;
      const index = read.kind === 'divergence' ? read.differentAt : read.index;
      expect(Number.isSafeInteger(index) && index >= 0).toBe(true);
    },
  });
  console.log(report.line);
});
