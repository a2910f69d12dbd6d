import { fuzzBytes, fuzzOptions, fuzzValues } from '@raft-ts/fuzz';
import { decodePayload, NetError } from '@raft-ts/net';
import { FRAME_HEADER_BYTES, frameOf } from '@raft-ts/net/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Message } from '../core/message.js';
import { arbitraryMessage, FROM, TO } from './arbitrary-message.test.support.js';
import { decodeMessages, encodeMessages } from './message-codec.js';

const frames = fc.array(arbitraryMessage, { minLength: 1, maxLength: 4 });

function encode(messages: readonly Message[]): Buffer {
  return frameOf(encodeMessages(FROM, TO, messages), 2 ** 24).subarray(FRAME_HEADER_BYTES);
}

const decodeValue = (value: unknown) => decodeMessages(value, FROM, TO);
const isRefusal = (error: unknown) => error instanceof NetError && error.code === 'MESSAGE_INVALID';

/** What was taken is what a member could have sent. */
function check(decoded: unknown): void {
  const messages = decoded as Message[];
  const bytes = encode(messages);
  expect(decodeValue(decodePayload(bytes, 0, bytes.length))).toEqual(messages);
  for (const message of messages) {
    if (message.type !== 'append') continue;
    let { prevIndex, prevTerm } = message;
    for (const { index, term } of message.entries) {
      expect(index).toBe(++prevIndex);
      expect(term).toBeGreaterThanOrEqual(prevTerm);
      prevTerm = term;
    }
    expect(prevTerm).toBeLessThanOrEqual(message.term);
  }
}

it('messages', async () => {
  const options = fuzzOptions();
  const corpus = fc.sample(frames, { seed: options.seed, numRuns: 200 }).map(encode);
  const decode = (bytes: Buffer) => decodeValue(decodePayload(bytes, 0, bytes.length));
  const report = await fuzzBytes({ name: 'messages', corpus, decode, isRefusal, check }, options);
  console.log(report.line);
});

it('message-fields', async () => {
  const options = fuzzOptions();
  const corpus = fc
    .sample(frames, { seed: options.seed, numRuns: 200 })
    .map((messages) => encodeMessages(FROM, TO, messages));
  const name = 'message-fields';
  const report = await fuzzValues({ name, corpus, decode: decodeValue, isRefusal, check }, options);
  console.log(report.line);
});
