import { fuzzBytes, fuzzOptions } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NetError } from '../errors.js';
import { FRAME_HEADER_BYTES, writeFrameHeader } from '../wire/frame-header.js';
import { FrameReader } from './frame-reader.js';

const MAX_FRAME_BYTES = 300;

function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  writeFrameHeader(header, 0, payload.length);
  return Buffer.concat([header, payload]);
}

it('frames', async () => {
  const options = fuzzOptions();
  const payloads = fc.array(fc.uint8Array({ maxLength: MAX_FRAME_BYTES }), { minLength: 1 });
  const report = await fuzzBytes(
    {
      name: 'frames',
      corpus: fc
        .sample(payloads, { seed: options.seed, numRuns: 50 })
        .map((list) => Buffer.concat(list.map(frame))),
      decode: (bytes) => {
        const reader = new FrameReader(MAX_FRAME_BYTES);
        const frames: number[] = [];
        // The first byte says in which pieces they arrive.
        const pieceBytes = 1 + (bytes[0] ?? 0);
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          reader.push(bytes.subarray(at, at + pieceBytes), (_, start, end) => {
            frames.push(end - start);
          });
        }
        return frames;
      },
      isRefusal: (error) => error instanceof NetError && error.code === 'MESSAGE_INVALID',
      check: (decoded, bytes) => {
        const frames = decoded as number[];
        const total = frames.reduce((sum, length) => sum + FRAME_HEADER_BYTES + length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      },
    },
    options,
  );
  console.log(report.line);
});
