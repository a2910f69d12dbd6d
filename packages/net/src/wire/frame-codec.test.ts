import { arbitraryValue } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { NetError } from '../errors.js';
import { decodePayload, encodeFrame, frameOf } from './frame-codec.js';
import { FRAME_HEADER_BYTES } from './frame-header.js';
import { MAX_WIRE_DEPTH } from './wire-check.js';
import type { WireValue } from './wire-value.js';

const MAX_FRAME_BYTES = 1024 * 1024;

/** A frame's payload. */
function encode(value: WireValue): Buffer {
  return frameOf(value, MAX_FRAME_BYTES).subarray(FRAME_HEADER_BYTES);
}

function decode(bytes: Buffer): unknown {
  return decodePayload(bytes, 0, bytes.length);
}

function refusal(bytes: Buffer): string {
  try {
    const value = decode(bytes);
    return `accepted: ${typeof value}`;
  } catch (error) {
    return error instanceof NetError ? error.code : `threw ${error}`;
  }
}

describe('wire values', () => {
  it('come out as they went in, also from the middle of a chunk', () => {
    fc.assert(
      fc.property(arbitraryValue, fc.nat(9), fc.nat(9), (value, before, behind) => {
        const payload = encode(value);
        const chunk = Buffer.concat([Buffer.alloc(before, 1), payload, Buffer.alloc(behind, 2)]);
        expect(decodePayload(chunk, before, before + payload.length)).toEqual(value);
      }),
    );
  });

  it('are refused when they end early, wherever that is', () => {
    const payload = encode([
      { key: 'a'.repeat(40), other: Buffer.alloc(300) },
      [2 ** 40, -1, 70_000],
      'x'.repeat(70_000),
      Array.from({ length: 20 }, (_, i) => i),
      1.5,
    ]);
    for (let end = 0; end < 600; end++) {
      expect(refusal(payload.subarray(0, end))).toBe('MESSAGE_INVALID');
    }
    // The bytes behind the end are there, and must not be taken for the value's.
    for (let end = 0; end < 600; end++) {
      expect(() => decodePayload(payload, 0, end)).toThrow(NetError);
    }
  });

  it('are refused with bytes behind them', () => {
    expect(refusal(Buffer.concat([encode([1]), Buffer.from([0])]))).toBe('MESSAGE_INVALID');
    expect(refusal(Buffer.alloc(0))).toBe('MESSAGE_INVALID');
  });

  it('are never of an extension type, whatever the type and length', () => {
    const one = Buffer.from([0x91, 0xc0]);
    for (let type = 0; type < 256; type++) {
      for (const [token, length] of [
        [0xd4, 1],
        [0xd5, 2],
        [0xd6, 4],
        [0xd7, 8],
        [0xd8, 16],
      ] as const) {
        const fixed = Buffer.concat([Buffer.from([token, type]), Buffer.alloc(length)]);
        for (const tail of [Buffer.alloc(0), one]) {
          expect(refusal(Buffer.concat([fixed, tail]))).toBe('MESSAGE_INVALID');
          expect(refusal(Buffer.concat([Buffer.from([0x91]), fixed, tail]))).toBe(
            'MESSAGE_INVALID',
          );
        }
      }
      for (const head of [
        [0xc7, 1, type, 0],
        [0xc8, 0, 1, type, 0],
        [0xc9, 0, 0, 0, 1, type, 0],
      ]) {
        expect(refusal(Buffer.from(head))).toBe('MESSAGE_INVALID');
      }
    }
    expect(refusal(Buffer.from([0xc1]))).toBe('MESSAGE_INVALID');
  });

  it('refuses what msgpackr would make classes, records and references of', () => {
    const hostile = new Packr({ moreTypes: true, structuredClone: true, useRecords: true });
    const shared = { a: 1 };
    for (const value of [
      { record: 1 },
      new Date(),
      new Set([1]),
      new Map([[1, 2]]),
      /(a+)+$/,
      new Error('e'),
      2n ** 70n,
      Float64Array.of(1),
      [shared, shared],
    ]) {
      expect(refusal(hostile.pack(value))).toBe('MESSAGE_INVALID');
    }
  });

  it('are nested so deep and no deeper, in both directions', () => {
    const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([1])]);
    expect(refusal(nested(MAX_WIRE_DEPTH))).toMatch('accepted');
    expect(refusal(nested(MAX_WIRE_DEPTH + 1))).toBe('MESSAGE_INVALID');
    expect(refusal(nested(1_000_000))).toBe('MESSAGE_INVALID');
    let value: WireValue = 1;
    for (let i = 0; i < MAX_WIRE_DEPTH; i++) value = [value];
    expect(decode(encode(value))).toEqual(value);
    expect(() => encode([value])).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });

  it('allocate nothing for lengths that the bytes do not back', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const token of [0xc6, 0xdb, 0xdd, 0xdf]) {
      const claim = Buffer.from([token, 0xff, 0xff, 0xff, 0xff, 0, 0]);
      expect(refusal(claim)).toBe('MESSAGE_INVALID');
      // Each within the bytes that follow it, all together far beyond them.
      const many = Buffer.concat(
        Array.from({ length: 30 }, () => Buffer.from([0xdd, 0, 0, 0, 90])),
      );
      expect(refusal(many)).toBe('MESSAGE_INVALID');
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('do not reach prototypes', () => {
    const polluting = new Packr({ useRecords: false, variableMapSize: true });
    const payload = polluting.pack(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}'));
    const value = decode(Buffer.from(payload)) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in value).toBe(false);
    expect('polluted' in {}).toBe(false);
  });

  it('have strings as keys and integers that numbers hold', () => {
    expect(refusal(Buffer.from([0x81, 0x01, 0x02]))).toBe('MESSAGE_INVALID');
    expect(refusal(Buffer.from([0x81, 0x91, 0x01, 0x02]))).toBe('MESSAGE_INVALID');
    const integer = (token: number, value: bigint) => {
      const bytes = Buffer.alloc(9, token);
      bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 1);
      return bytes;
    };
    expect(decode(integer(0xcf, 2n ** 53n - 1n))).toBe(2 ** 53 - 1);
    expect(decode(integer(0xd3, -(2n ** 53n) + 1n))).toBe(-(2 ** 53) + 1);
    expect(refusal(integer(0xcf, 2n ** 53n))).toBe('MESSAGE_INVALID');
    expect(refusal(integer(0xd3, -(2n ** 53n)))).toBe('MESSAGE_INVALID');
  });

  it('are read from any bytes, or those are refused with MESSAGE_INVALID', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // Near misses: a good payload with some bytes replaced.
      fc
        .tuple(arbitraryValue, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
        .map(([value, changes]) => {
          const payload = encode(value);
          for (const [place, byte] of changes) payload[place % payload.length] = byte;
          return payload;
        }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(hostile, (bytes) => {
        const outcome = refusal(Buffer.from(bytes));
        if (outcome.startsWith('accepted')) accepted++;
        else expect(outcome).toBe('MESSAGE_INVALID');
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(0);
    // What was read before leaves no trace.
    expect(decode(encode([0x40, 0x41, 0x7f]))).toEqual([0x40, 0x41, 0x7f]);
  });

  it('are checked against the frame limit', () => {
    const encodeWithin = (limit: number) =>
      encodeFrame(Buffer.alloc(10), limit, (_bytes, start, end) => end - start);
    expect(encodeWithin(12)).toBe(17);
    expect(() => encodeWithin(11)).toThrow(expect.objectContaining({ code: 'RPC_TOO_LARGE' }));
  });
});
