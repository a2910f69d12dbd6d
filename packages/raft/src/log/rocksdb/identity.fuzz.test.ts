import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { type Identity, parseIdentity } from './identity.js';

it('identities', async () => {
  const report = await fuzzBytes({
    name: 'identities',
    corpus: [
      '{"formatVersion":2,"clusterId":"c","memberId":1}\n',
      '{"formatVersion":1,"clusterId":"höst \\"x\\"","memberId":4294967295}\n',
    ].map((text) => Buffer.from(text)),
    decode: (bytes) => parseIdentity(bytes.toString('utf8')),
    isRefusal: () => false,
    check: (decoded) => {
      const { clusterId, memberId } = decoded as Identity;
      expect([typeof clusterId, typeof memberId]).toEqual(['string', 'number']);
    },
  });
  console.log(report.line);
});
