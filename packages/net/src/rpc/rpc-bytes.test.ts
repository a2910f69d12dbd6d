import { describe, expect, it } from 'vitest';
import { greetingLine } from '../channel/greeting-line.js';
import { WELCOME } from '../channel/handshake.js';
import { decodePayload, frameOf } from '../wire/frame-codec.js';
import { EMPTY_FRAME, FRAME_HEADER_BYTES } from '../wire/frame-header.js';
import type { WireValue } from '../wire/wire-value.js';
import {
  decodeRequest,
  decodeResponse,
  encodeFailure,
  encodeHello,
  encodeRequest,
  encodeResult,
  rpcProtocol,
} from './rpc-protocol.js';

function hexOf(value: WireValue): string {
  return frameOf(value, 1024).toString('hex');
}

function valueIn(hex: string): WireValue {
  const frame = Buffer.from(hex, 'hex');
  return decodePayload(frame, FRAME_HEADER_BYTES, frame.length);
}

describe('between a client and a member', () => {
  it('a request has these bytes', () => {
    const body = [null, true, -1, 1.5, 2 ** 40, 'ä', Buffer.from([1, 2]), { key: [] }];
    const hex =
      '012800000093cd01020398c0c3ffcb3ff8000000000000cb4270000000000000a2c3a4c402010281a36b657990';
    expect(hexOf(encodeRequest(0x0102, 0x03, body))).toBe(hex);
    expect(decodeRequest(valueIn(hex))).toEqual({ id: 0x0102, method: 0x03, body });
  });

  it('a result has these bytes', () => {
    const hex = '010e00000093cd01020092a6726573756c74c0';
    expect(hexOf(encodeResult(0x0102, ['result', undefined]))).toBe(hex);
    expect(decodeResponse(valueIn(hex))).toEqual({ id: 0x0102, result: ['result', null] });
  });

  it('a failure has these bytes, with details and without', () => {
    const failure = { code: 'CODE', message: 'text' };
    const detailed = { ...failure, details: { leader: 3 } };
    const hex = '010e000000950701a4434f4445a474657874c0';
    const detailedHex = '0116000000950701a4434f4445a47465787481a66c656164657203';
    expect(hexOf(encodeFailure(7, failure))).toBe(hex);
    expect(decodeResponse(valueIn(hex))).toEqual({ id: 7, failure });
    expect(hexOf(encodeFailure(7, detailed))).toBe(detailedHex);
    expect(decodeResponse(valueIn(detailedHex))).toEqual({ id: 7, failure: detailed });
  });

  it('a sign of life has these bytes', () => {
    expect(EMPTY_FRAME.toString('hex')).toBe('0100000000');
  });

  it('the greeting lines are these', () => {
    expect(greetingLine(rpcProtocol, encodeHello(undefined))).toBe('raft-ts-rpc/2 hello\n');
    expect(greetingLine(rpcProtocol, encodeHello('member 1'))).toBe(
      'raft-ts-rpc/2 hello member 1\n',
    );
    expect(greetingLine(rpcProtocol, WELCOME)).toBe('raft-ts-rpc/2 welcome\n');
  });
});
