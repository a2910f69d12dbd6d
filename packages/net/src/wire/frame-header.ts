import { NetError } from '../errors.js';

/** Bytes in front of each payload: one for the frame's format, four for the payload's length. */
export const FRAME_HEADER_BYTES = 5;

/** One MessagePack value as the payload, or nothing: a sign of life. */
const FRAME_FORMAT = 1;

/** Writes the header of a frame with a payload of `length` bytes. */
export function writeFrameHeader(frame: Buffer, start: number, length: number): void {
  frame[start] = FRAME_FORMAT;
  frame.writeUInt32LE(length, start + 1);
}

/** A frame without a payload. */
export const EMPTY_FRAME: Buffer = Buffer.alloc(FRAME_HEADER_BYTES);
writeFrameHeader(EMPTY_FRAME, 0, 0);

/**
 * The bytes of the payload behind the header at `start`. Throws MESSAGE_INVALID for a frame of
 * another format, or over the limit.
 */
export function payloadLength(bytes: Buffer, start: number, maxFrameBytes: number): number {
  const format = bytes[start];
  if (format !== FRAME_FORMAT) {
    throw new NetError(
      'MESSAGE_INVALID',
      `a frame of format ${format}, and only format ${FRAME_FORMAT} is understood here`,
    );
  }
  const length = bytes.readUInt32LE(start + 1);
  if (length > maxFrameBytes) {
    throw new NetError(
      'MESSAGE_INVALID',
      `a frame of ${length} bytes is above the limit of ${maxFrameBytes}`,
    );
  }
  return length;
}
