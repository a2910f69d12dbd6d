import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { NetError } from '../errors.js';
import { GreetingReader, greetingLine, MAX_GREETING_BYTES } from './greeting-line.js';

const protocol = { name: 'raft-ts-member', version: 2 };

it('greetings', async () => {
  const hello = JSON.stringify({ cluster: 'cluster', from: 1, to: 2 });
  const report = await fuzzBytes({
    name: 'greetings',
    corpus: [hello, 'welcome', 'refused: no', 'x'.repeat(990)].map((text) =>
      Buffer.from(`${greetingLine(protocol, text)}what follows`),
    ),
    decode: (bytes) => {
      const reader = new GreetingReader(protocol);
      // The last byte says in which pieces they arrive.
      const pieceBytes = 1 + (bytes.at(-1) ?? 0);
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const greeting = reader.push(bytes.subarray(at, at + pieceBytes));
        if (greeting !== undefined) return greeting.text;
      }
      return undefined;
    },
    isRefusal: (error) => error instanceof NetError && error.code === 'MESSAGE_INVALID',
    check: (text) => {
      expect(typeof text).toBe('string');
      expect((text as string).length).toBeLessThan(MAX_GREETING_BYTES);
    },
  });
  console.log(report.line);
});
