import { FRAME_HEADER_BYTES, payloadLength } from '../wire/frame-header.js';
import { GatheringBuffer } from './gathering-buffer.js';

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
  /** The beginning of a frame that arrives in pieces, header included. */
  readonly #partial = new GatheringBuffer(FIRST_PARTIAL_BYTES, FIRST_PARTIAL_BYTES);

  /** `maxFrameBytes`: of one payload. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes of memory for a frame of which only the beginning has arrived. */
  get heldBytes(): number {
    return this.#partial.capacity;
  }

  /** Forgets the frame that has begun; the stream can't be read any further then. */
  clear(): void {
    this.#partial.clear();
  }

  /**
   * Takes the next bytes and calls `listener` for each frame that they complete. Throws
   * MESSAGE_INVALID when a frame is over the limit or of another format; the stream can't be read any further then.
   */
  push(chunk: Buffer, listener: FrameListener): void {
    let position = this.#partial.length > 0 ? this.#continue(chunk, listener) : 0;
    while (chunk.length - position >= FRAME_HEADER_BYTES) {
      const end = position + FRAME_HEADER_BYTES + this.#length(chunk, position);
      if (end > chunk.length) break;
      listener(chunk, position + FRAME_HEADER_BYTES, end);
      position = end;
    }
    this.#partial.append(chunk, position, chunk.length);
  }

  /** Completes the frame that was begun; returns how much of the chunk it took. */
  #continue(chunk: Buffer, listener: FrameListener): number {
    const partial = this.#partial;
    let position = 0;
    if (partial.length < FRAME_HEADER_BYTES) {
      position = Math.min(FRAME_HEADER_BYTES - partial.length, chunk.length);
      partial.append(chunk, 0, position);
      if (partial.length < FRAME_HEADER_BYTES) return position;
    }
    const missing = FRAME_HEADER_BYTES + this.#length(partial.bytes, 0) - partial.length;
    const end = Math.min(position + missing, chunk.length);
    // No room beyond the frame: the largest ones would take twice what they are.
    partial.append(chunk, position, end, partial.length + missing);
    if (end - position === missing) {
      const frame = partial.take();
      listener(frame, FRAME_HEADER_BYTES, frame.length);
    }
    return end;
  }

  #length(bytes: Buffer, position: number): number {
    return payloadLength(bytes, position, this.#maxFrameBytes);
  }
}
