import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_HEADER_BYTES, writeFrameHeader } from '../wire/frame-header.js';
import { FrameReader } from './frame-reader.js';

function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  writeFrameHeader(header, 0, payload.length);
  return Buffer.concat([header, payload]);
}

function readAll(reader: FrameReader, chunks: readonly Buffer[]): Buffer[] {
  const payloads: Buffer[] = [];
  for (const chunk of chunks) {
    reader.push(chunk, (bytes, start, end) => payloads.push(bytes.subarray(start, end)));
  }
  return payloads;
}

/** Cuts `bytes` at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((p) => p % (bytes.length + 1)).sort((a, b) => a - b)];
  return sorted.map((place, i) => bytes.subarray(place, sorted[i + 1] ?? bytes.length));
}

describe('FrameReader', () => {
  it('gives the same frames wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (payloads, places) => {
          const stream = Buffer.concat(payloads.map(frame));
          const reader = new FrameReader(600);
          expect(readAll(reader, cut(stream, places))).toEqual(payloads.map((p) => Buffer.from(p)));
          // Nothing is left over: the next frame stands for itself.
          expect(readAll(reader, [frame(Buffer.from('next'))])).toEqual([Buffer.from('next')]);
        },
      ),
    );
  });

  it('gives the same frames when each byte comes alone', () => {
    const payloads = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(1_000, 7), Buffer.from('bc')];
    const stream = Buffer.concat(payloads.map(frame));
    const chunks = Array.from(stream, (byte) => Buffer.from([byte]));
    expect(readAll(new FrameReader(1_000), chunks)).toEqual(payloads);
  });

  it('does not change frames that it gave out before', () => {
    const reader = new FrameReader(10);
    const [first] = readAll(reader, [frame(Buffer.from('first')).subarray(0, 7)]).concat(
      readAll(reader, [Buffer.from('rst')]),
    );
    readAll(reader, [frame(Buffer.from('again')).subarray(0, 7), Buffer.from('ain')]);
    expect(first?.toString()).toBe('first');
  });

  it.each([1, 2, 3, 4, 5, 6])('refuses a frame over the limit, header cut at %i', (place) => {
    const stream = frame(Buffer.alloc(11));
    const reader = new FrameReader(10);
    expect(() => readAll(reader, [stream.subarray(0, place), stream.subarray(place)])).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    );
  });

  it.each([0, 2, 255])('refuses a frame of format %i, however it arrives', (format) => {
    for (const payload of ['', 'payload']) {
      const stream = frame(Buffer.from(payload));
      stream[0] = format;
      for (let place = 0; place < FRAME_HEADER_BYTES; place++) {
        const chunks = [stream.subarray(0, place), stream.subarray(place)];
        expect(() => readAll(new FrameReader(10), chunks)).toThrow(
          expect.objectContaining({
            code: 'MESSAGE_INVALID',
            message: `a frame of format ${format}, and only format 1 is understood here`,
          }),
        );
      }
    }
  });

  it('takes memory for what has arrived, not for what a header claims', () => {
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    writeFrameHeader(header, 0, 1024 ** 3);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 100 }, () => new FrameReader(1024 ** 3));
    for (const reader of readers) readAll(reader, [header, Buffer.alloc(100)]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});
