import { expect, it } from 'vitest';
import { RaftError } from '../errors.js';
import { fuzzBytes } from '../testing/fuzz/fuzz-decoder.js';
import { GreetingReader, greetingLine, MAX_GREETING_BYTES } from './greeting.js';
import { encodeHello, memberProtocol } from './member-protocol.js';

it('greetings', async () => {
  const hello = encodeHello({ cluster: 'cluster', from: 1, to: 2 });
  const report = await fuzzBytes({
    name: 'greetings',
    corpus: [hello, 'welcome', 'refused: no', 'x'.repeat(990)].map((text) =>
      Buffer.from(`${greetingLine(memberProtocol, text)}what follows`),
    ),
    decode: (bytes) => {
      const reader = new GreetingReader(memberProtocol);
      // The last byte says in which pieces they arrive.
      const pieceBytes = 1 + (bytes.at(-1) ?? 0);
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const greeting = reader.push(bytes.subarray(at, at + pieceBytes));
        if (greeting !== undefined) return greeting.text;
      }
      return undefined;
    },
    isRefusal: (error) => error instanceof RaftError && error.code === 'MESSAGE_INVALID',
    check: (text) => {
      expect(typeof text).toBe('string');
      expect((text as string).length).toBeLessThan(MAX_GREETING_BYTES);
    },
  });
  console.log(report.line);
});
