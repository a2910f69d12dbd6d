import { fuzzBytes } from '@raft-ts/fuzz';
import { NetError } from '@raft-ts/net';
import { expect, it } from 'vitest';
import { decodeHello, encodeHello, type MemberHello } from './member-protocol.js';

it('member-hellos', async () => {
  const report = await fuzzBytes({
    name: 'member-hellos',
    corpus: [
      { cluster: 'cluster', from: 1, to: 2 },
      { cluster: '', from: 2 ** 32 - 1, to: 1 },
      { cluster: '"höst"\\', from: 10, to: 20 },
    ].map((hello) => Buffer.from(encodeHello(hello))),
    decode: (bytes) => decodeHello(bytes.toString('utf8')),
    isRefusal: (error) => error instanceof NetError && error.code === 'MESSAGE_INVALID',
    check: (decoded) => {
      const hello = decoded as MemberHello;
      expect(decodeHello(encodeHello(hello))).toEqual(hello);
      expect(Object.keys(hello)).toEqual(['cluster', 'from', 'to']);
    },
  });
  console.log(report.line);
});
