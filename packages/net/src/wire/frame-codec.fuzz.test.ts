import { arbitraryValue, fuzzBytes, fuzzOptions } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NetError } from '../errors.js';
import { decodePayload, frameOf } from './frame-codec.js';
import { FRAME_HEADER_BYTES } from './frame-header.js';
import type { WireValue } from './wire-value.js';

const MAX_FRAME_BYTES = 1024 * 1024;

function encode(value: WireValue): Buffer {
  return frameOf(value, MAX_FRAME_BYTES).subarray(FRAME_HEADER_BYTES);
}

it('wire-values', async () => {
  const options = fuzzOptions();
  const report = await fuzzBytes(
    {
      name: 'wire-values',
      corpus: fc.sample(arbitraryValue, { seed: options.seed, numRuns: 200 }).map(encode),
      decode: (bytes) => ({ value: decodePayload(bytes, 0, bytes.length) }),
      isRefusal: (error) => error instanceof NetError && error.code === 'MESSAGE_INVALID',
      // Whoever receives it may send it on. As text, for which 0 is the same as -0.
      check: (decoded) => {
        const { value } = decoded as { value: WireValue };
        const again = encode(value);
        expect(JSON.stringify(decodePayload(again, 0, again.length))).toBe(JSON.stringify(value));
      },
    },
    options,
  );
  console.log(report.line);
});
