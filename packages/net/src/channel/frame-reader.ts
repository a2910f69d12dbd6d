import { FRAME_HEADER_BYTES, payloadLength } from '../wire/frame-header.js';

/** Bytes of the first buffer for a frame that arrives in pieces. */
const FIRST_PARTIAL_BYTES = 256;

/** Takes one frame's payload: `bytes` from `start` up to `end`. The bytes do not change later. */
export type FrameListener = (bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a stream of bytes into frames. A frame that lies whole in a chunk is handed out in place;
 * one that arrives in pieces is gathered in a buffer that doubles as the pieces come. So memory
 * follows what has arrived and never what a header claims, and every byte is copied a bounded
 * number of times.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  /** The beginning of a frame, header included; its first `#filled` bytes have arrived. */
  #partial: Buffer | undefined;
  #filled = 0;

  /** `maxFrameBytes`: of one payload. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * Takes the next bytes and calls `listener` for each frame that they complete. Throws
   * MESSAGE_INVALID when a frame is over the limit or of another format; the stream can't be read any further then.
   */
  push(chunk: Buffer, listener: FrameListener): void {
    let position = this.#filled > 0 ? this.#continue(chunk, listener) : 0;
    while (chunk.length - position >= FRAME_HEADER_BYTES) {
      const end = position + FRAME_HEADER_BYTES + this.#length(chunk, position);
      if (end > chunk.length) break;
      listener(chunk, position + FRAME_HEADER_BYTES, end);
      position = end;
    }
    if (position < chunk.length) this.#gather(chunk, position, chunk.length);
  }

  /** Completes the frame that was begun; returns how much of the chunk it took. */
  #continue(chunk: Buffer, listener: FrameListener): number {
    let position = 0;
    if (this.#filled < FRAME_HEADER_BYTES) {
      position = Math.min(FRAME_HEADER_BYTES - this.#filled, chunk.length);
      this.#gather(chunk, 0, position);
    }
    const partial = this.#partial;
    if (partial === undefined || this.#filled < FRAME_HEADER_BYTES) return position;
    const missing = FRAME_HEADER_BYTES + this.#length(partial, 0) - this.#filled;
    const end = Math.min(position + missing, chunk.length);
    this.#gather(chunk, position, end);
    if (end - position === missing) this.#finish(listener);
    return end;
  }

  #finish(listener: FrameListener): void {
    const frame = this.#partial;
    const end = this.#filled;
    this.#partial = undefined;
    this.#filled = 0;
    if (frame !== undefined) listener(frame, FRAME_HEADER_BYTES, end);
  }

  #gather(chunk: Buffer, start: number, end: number): void {
    const filled = this.#filled + end - start;
    if (this.#partial === undefined || this.#partial.length < filled) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(filled, FIRST_PARTIAL_BYTES, 2 * (this.#partial?.length ?? 0)),
      );
      this.#partial?.copy(grown, 0, 0, this.#filled);
      this.#partial = grown;
    }
    chunk.copy(this.#partial, this.#filled, start, end);
    this.#filled = filled;
  }

  #length(bytes: Buffer, position: number): number {
    return payloadLength(bytes, position, this.#maxFrameBytes);
  }
}
