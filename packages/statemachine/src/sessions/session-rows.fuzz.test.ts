import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { StateMachineError } from '../errors.js';
import { defaultSessionLimits } from './session-limits.js';
import {
  decodeRow,
  encodeSessionRow,
  encodeStateRow,
  type LoadedRow,
  STATE_KEY,
  sessionKey,
} from './session-rows.js';

const KEY_BYTES = 17;

/** Key and value in one: the first byte says whose key it is. */
function row(key: Uint8Array, value: Uint8Array): Buffer {
  const padded = Buffer.alloc(KEY_BYTES);
  padded.set(key);
  return Buffer.concat([Uint8Array.of(key.byteLength), padded, value]);
}

it('session-rows', async () => {
  const report = await fuzzBytes({
    name: 'session-rows',
    corpus: [
      row(STATE_KEY, encodeStateRow(5, defaultSessionLimits)),
      row(
        sessionKey(2 ** 40, 7),
        encodeSessionRow({
          host: '10.0.0.7',
          logTimeMs: 1.7e12,
          acknowledgedBelow: 3,
          sequences: [3, 4],
          results: ['ok', null],
        }),
      ),
      row(
        sessionKey(1, 2 ** 50),
        encodeSessionRow({
          host: '',
          logTimeMs: 0,
          acknowledgedBelow: 1,
          sequences: [],
          results: [],
        }),
      ),
    ],
    decode: (bytes) => {
      const key = bytes.subarray(1, 1 + Math.min(KEY_BYTES, bytes[0] ?? 0));
      return decodeRow(key, bytes.subarray(1 + KEY_BYTES));
    },
    isRefusal: (error) => error instanceof StateMachineError && error.code === 'SESSIONS_CORRUPT',
    check: (decoded) => {
      const loaded = decoded as LoadedRow;
      expect(loaded.logTimeMs).toBeGreaterThanOrEqual(0);
      if (loaded.kind !== 'session') return;
      expect(loaded.results).toHaveLength(loaded.sequences.length);
      expect(typeof loaded.host).toBe('string');
    },
  });
  console.log(report.line);
});
