import { fuzzValues } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { NetError } from '../errors.js';
import {
  decodeRequest,
  decodeResponse,
  encodeFailure,
  encodeRequest,
  encodeResult,
  type RequestFrame,
  type ResponseFrame,
} from './rpc-protocol.js';

const isRefusal = (error: unknown) => error instanceof NetError && error.code === 'MESSAGE_INVALID';

it('rpc-requests', async () => {
  const report = await fuzzValues({
    name: 'rpc-requests',
    corpus: [
      encodeRequest(1, 2, null),
      encodeRequest(2 ** 53 - 1, 0xffff, [1, 'a', { b: Buffer.from('c') }]),
    ],
    decode: decodeRequest,
    isRefusal,
    check: (decoded) => {
      const { id, method, body } = decoded as RequestFrame;
      expect(decodeRequest(encodeRequest(id, method, body))).toEqual(decoded);
    },
  });
  console.log(report.line);
});

it('rpc-responses', async () => {
  const report = await fuzzValues({
    name: 'rpc-responses',
    corpus: [
      encodeResult(7, [1, null]),
      encodeFailure(8, { code: 'NOT_LEADER', message: 'not this one', details: { leader: 3 } }),
      encodeFailure(9, { code: 'INTERNAL', message: '' }),
    ],
    decode: decodeResponse,
    isRefusal,
    check: (decoded) => {
      const response = decoded as ResponseFrame;
      expect(Number.isSafeInteger(response.id)).toBe(true);
      if (!('failure' in response)) return;
      expect(typeof response.failure.code).toBe('string');
      expect(typeof response.failure.message).toBe('string');
    },
  });
  console.log(report.line);
});
