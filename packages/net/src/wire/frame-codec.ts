import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr';
import { NetError } from '../errors.js';
import { FRAME_HEADER_BYTES, writeFrameHeader } from './frame-header.js';
import { messagePackOptions } from './message-pack.js';
import { checkSendable, checkWireValue } from './wire-check.js';
import type { WireValue } from './wire-value.js';

/**
 * msgpackr's working buffer is given back once a frame has made it larger than this: others in the
 * process encode into the same one, and what they keep would keep it alive.
 */
const MAX_KEPT_BUFFER_BYTES = 1024 * 1024;
const FRESH_BUFFER_BYTES = 64 * 1024;

const packr = new Packr(messagePackOptions);

const ENCODE_IN_PLACE =
  REUSE_BUFFER_MODE | RESET_BUFFER_MODE | RESERVE_START_SPACE | FRAME_HEADER_BYTES;

/** A frame in msgpackr's working buffer, good until the next value is encoded. */
interface EncodedFrame extends Buffer {
  readonly start: number;
  readonly end: number;
}

/**
 * Encodes a value as one frame, header included, and hands it to `take`, which must copy it.
 * Throws MESSAGE_INVALID when it is no wire value and RPC_TOO_LARGE when its payload is over
 * `maxFrameBytes`; what a receiver would refuse is never sent.
 */
export function encodeFrame<T>(
  value: WireValue,
  maxFrameBytes: number,
  take: (bytes: Buffer, start: number, end: number) => T,
): T {
  checkSendable(value);
  const frame = pack(value);
  const { start, end } = frame;
  const length = end - start - FRAME_HEADER_BYTES;
  try {
    if (length > maxFrameBytes) {
      throw new NetError(
        'RPC_TOO_LARGE',
        `${length} bytes are above the limit of ${maxFrameBytes} for one frame; send it in parts`,
      );
    }
    writeFrameHeader(frame, start, length);
    return take(frame, start, end);
  } finally {
    if (frame.length > MAX_KEPT_BUFFER_BYTES) {
      packr.useBuffer(Buffer.allocUnsafeSlow(FRESH_BUFFER_BYTES));
    }
  }
}

/** A frame that has its bytes for itself; throws like `encodeFrame`. */
export function frameOf(value: WireValue, maxFrameBytes: number): Buffer {
  return encodeFrame(value, maxFrameBytes, (bytes, start, end) =>
    Buffer.from(bytes.subarray(start, end)),
  );
}

function pack(value: WireValue): EncodedFrame {
  try {
    return packr.pack(value, ENCODE_IN_PLACE) as EncodedFrame;
  } catch (cause) {
    throw new NetError(
      'MESSAGE_INVALID',
      `the value can't be sent as MessagePack: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

/** msgpackr reads where to start and end from here; one for all calls, which never overlap. */
const range = { start: 0, end: 0 };

/**
 * Decodes one payload, whoever it is from. Byte arrays in the result are views of `bytes`. Throws
 * MESSAGE_INVALID.
 */
export function decodePayload(bytes: Buffer, start: number, end: number): WireValue {
  checkWireValue(bytes, start, end);
  range.start = start;
  range.end = end;
  try {
    return packr.unpack(bytes, range);
  } catch (cause) {
    throw new NetError('MESSAGE_INVALID', 'a frame holds no MessagePack value', { cause });
  }
}
