import { decodePayload, NetError } from '@raft-ts/net';
import { FRAME_HEADER_BYTES, frameOf } from '@raft-ts/net/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, EntryType } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { arbitraryMessage, FROM, TO } from './arbitrary-message.test.support.js';
import { decodeMessages, encodeMessages, messageBytes } from './message-codec.js';

const head = { from: FROM, to: TO } as const;

function payloadOf(messages: readonly Message[]): Buffer {
  return frameOf(encodeMessages(FROM, TO, messages), 64 * 1024 * 1024).subarray(FRAME_HEADER_BYTES);
}

function decode(payload: Buffer): Message[] {
  return decodeMessages(decodePayload(payload, 0, payload.length), FROM, TO);
}

/** Values that a field could be given by mistake or malice. */
const wrong = fc.constantFrom<unknown>(
  null,
  -1,
  0.5,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '1',
  [],
  {},
  Buffer.from('x'),
);

function refuses(value: unknown): void {
  expect(() => decodeMessages(value, FROM, TO)).toThrow(
    expect.objectContaining({ name: 'NetError', code: 'MESSAGE_INVALID' }),
  );
}

describe('the message codec', () => {
  it('gives back every message, several in one frame', () => {
    fc.assert(
      fc.property(fc.array(arbitraryMessage, { maxLength: 6 }), (messages) => {
        expect(decode(payloadOf(messages))).toEqual(messages);
      }),
      { numRuns: 300 },
    );
  });

  it('never takes more bytes than it said', () => {
    const overhead = payloadOf([]).length + 4;
    fc.assert(
      fc.property(fc.array(arbitraryMessage, { maxLength: 6 }), (messages) => {
        const bound = messages.reduce((sum, m) => sum + messageBytes(m), 0);
        expect(payloadOf(messages).length).toBeLessThanOrEqual(bound + overhead);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses any field of a wrong type or range, and missing and additional ones', () => {
    fc.assert(
      fc.property(arbitraryMessage, fc.nat(), wrong, (good, place, bad) => {
        const [, , , [fields]] = encodeMessages(FROM, TO, [good]) as [
          0,
          number,
          number,
          [unknown[]],
        ];
        const changed = [...fields];
        const at = place % changed.length;
        // The one list that a message has: an empty one is as good as another.
        if (Array.isArray(changed[at]) && Array.isArray(bad)) return;
        changed[at] = bad;
        refuses([0, FROM, TO, [changed]]);
        refuses([0, FROM, TO, [fields.slice(0, -1)]]);
        refuses([0, FROM, TO, [[...fields, 0]]]);
        refuses([0, FROM, TO, [fields, bad]]);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses frames from or to somebody else, and what is no frame', () => {
    refuses(encodeMessages(FROM + 1, TO, []));
    refuses(encodeMessages(FROM, TO - 1, []));
    refuses([0, FROM, TO]);
    refuses([0, FROM, TO, {}]);
    refuses([0, FROM, TO, [], 0]);
    for (const group of [1, -1, '0', null]) refuses([group, FROM, TO, []]);
    refuses(null);
    expect(decodeMessages([0, FROM, TO, []], FROM, TO)).toEqual([]);
  });

  it('refuses unknown types of messages and entries', () => {
    for (const type of [0, 13, 255, 'vote', null, undefined])
      refuses([0, FROM, TO, [[type, 1, 1]]]);
    for (const type of [3, 255, null, '1']) {
      refuses([0, FROM, TO, [[3, 1, true, 0, 0, 0, [1, type, Buffer.alloc(0)]]]]);
    }
  });

  it('refuses entries that no leader could have sent', () => {
    const data = Buffer.alloc(0);
    const entriesOf = (entries: unknown, term = 5, prevIndex = 3, prevTerm = 2) => [
      0,
      FROM,
      TO,
      [[3, term, false, prevIndex, prevTerm, 0, entries]],
    ];
    expect(decodeMessages(entriesOf([2, 1, data, 5, 1, data]), FROM, TO)).toHaveLength(1);
    // Of a later term than the leader's, of an earlier one than the entry before, of no term.
    refuses(entriesOf([6, 1, data]));
    refuses(entriesOf([1, 1, data]));
    refuses(entriesOf([5, 1, data, 4, 1, data]));
    refuses(entriesOf([0, 1, data], 5, 0, 0));
    refuses(entriesOf([], 1, 3, 2));
    // Not in triples; no bytes; an index beyond what a number holds.
    refuses(entriesOf([2, 1]));
    refuses(entriesOf([2, 1, 'text']));
    refuses(entriesOf([2, 1, data], 5, Number.MAX_SAFE_INTEGER));
    refuses(entriesOf(null));
  });

  it('refuses snapshots and recoveries that can not be', () => {
    // Of nothing, of no term, of a term that the leader has not reached; of no number.
    refuses([0, FROM, TO, [[7, 5, true, 0, 5, []]]]);
    refuses([0, FROM, TO, [[7, 5, true, 9, 0, []]]]);
    refuses([0, FROM, TO, [[7, 5, true, 9, 6, []]]]);
    refuses([0, FROM, TO, [[12, 5, 0]]]);
    refuses([0, FROM, TO, [[7, 5, true, 9, 5, null]]]);
    refuses([0, FROM, TO, [[7, 5, true, 9, 5, [[0, 'a:1']]]]]);
    refuses([0, FROM, TO, [[7, 5, true, 9, 5, [[3, 1]]]]]);
    const offer = [7, 5, true, 9, 5, [[3, 'a:1']]];
    expect(decodeMessages([0, FROM, TO, [offer]], FROM, TO)).toHaveLength(1);
  });

  it('copies data, so that entries keep nothing else alive', () => {
    const entries = Array.from({ length: 3 }, (_, i): Entry => {
      return { index: i + 1, term: 1, type: EntryType.Command, data: Buffer.alloc(10 * i, i) };
    });
    const payload = payloadOf([
      {
        type: 'append',
        heard: true,
        ...head,
        term: 1,
        prevIndex: 0,
        prevTerm: 0,
        commit: 0,
        entries,
      },
    ]);
    const [decoded] = decode(payload);
    payload.fill(0xff);
    expect(decoded?.type === 'append' && decoded.entries).toEqual(entries);
    for (const { data } of decoded?.type === 'append' ? decoded.entries : []) {
      expect(data.buffer.byteLength).toBe(30);
    }
  });

  it('reads any bytes, or refuses them with MESSAGE_INVALID', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryMessage, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (messages, changes) => {
          const payload = payloadOf(messages);
          for (const [place, byte] of changes) payload[place % payload.length] = byte;
          try {
            decode(payload);
          } catch (error) {
            expect(error).toBeInstanceOf(NetError);
            expect((error as NetError).code).toBe('MESSAGE_INVALID');
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
