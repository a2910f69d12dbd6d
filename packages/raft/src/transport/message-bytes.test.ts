import { decodePayload } from '@raft-ts/net';
import { FRAME_HEADER_BYTES, frameOf, greetingLine, WELCOME } from '@raft-ts/net/testing';
import { describe, expect, it } from 'vitest';
import { type Entry, EntryType } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { decodeHello, encodeHello, memberProtocol } from './member-protocol.js';
import { decodeMessages, encodeMessages } from './message-codec.js';
import { MessageType } from './message-type.js';

const head = { from: 7, to: 8, term: 0x99 } as const;

const entries: readonly Entry[] = [
  { index: 0x22, term: 0x31, type: EntryType.Empty, data: Buffer.alloc(0) },
  { index: 0x23, term: 0x32, type: EntryType.Command, data: Buffer.from('data') },
  { index: 0x24, term: 0x33, type: EntryType.Membership, data: Buffer.from([0xab]) },
];

/** One of each type, no two numbers of one alike, as the frame that carries it alone. */
const FRAMES: readonly (readonly [Message, string])[] = [
  [
    {
      type: 'vote',
      ...head,
      heard: true,
      preVote: true,
      transfer: false,
      lastIndex: 0x21,
      lastTerm: 0x12,
      commit: 0x20,
      commitTerm: 0x11,
    },
    '011000000094000708919901cc99c3c3c221122011',
  ],
  [
    {
      type: 'vote-response',
      ...head,
      preVote: false,
      granted: true,
      commit: 0x20,
      commitTerm: 0x11,
    },
    '010d00000094000708919602cc99c2c32011',
  ],
  [
    {
      type: 'append',
      ...head,
      heard: false,
      prevIndex: 0x21,
      prevTerm: 0x30,
      commit: 0x1f,
      entries,
    },
    '011f00000094000708919703cc99c221301f993100c4003201c404646174613302c401ab',
  ],
  [
    {
      type: 'append-response',
      ...head,
      index: 0x21,
      rejected: true,
      hintIndex: 0x20,
      hintTerm: 0x11,
      recovery: 3,
    },
    '010e00000094000708919704cc9921c3201103',
  ],
  [
    {
      type: 'heartbeat',
      ...head,
      heard: true,
      commit: 0x20,
      commitTerm: 0x11,
      round: 0x05,
      heldByAll: 0x1f,
    },
    '010e00000094000708919705cc99c32011051f',
  ],
  [
    {
      type: 'heartbeat-response',
      ...head,
      round: 0x05,
      recovery: 3,
      priority: 2,
      commit: 0x20,
      commitTerm: 0x11,
    },
    '010e00000094000708919706cc990503022011',
  ],
  [
    {
      type: 'snapshot-offer',
      ...head,
      heard: false,
      index: 2 ** 40,
      indexTerm: 0x11,
      peers: [
        { member: 3, address: 'c:1' },
        { member: 4, address: 'd:2' },
      ],
    },
    '012100000094000708919607cc99c2cb427000000000000011929203a3633a319204a3643a32',
  ],
  [{ type: 'snapshot-failed', ...head, index: 0x21 }, '010a00000094000708919308cc9921'],
  [{ type: 'timeout-now', ...head }, '010900000094000708919209cc99'],
  [{ type: 'read-index', ...head, context: 0x06 }, '010a0000009400070891930acc9906'],
  [
    { type: 'read-index-response', ...head, context: 0x06, index: 0x21 },
    '010b0000009400070891940bcc990621',
  ],
  [{ type: 'recovered', ...head, recovery: 3 }, '010a0000009400070891930ccc9903'],
];

function hexOf(messages: readonly Message[]): string {
  return frameOf(encodeMessages(head.from, head.to, messages), 1024).toString('hex');
}

function messagesIn(hex: string): Message[] {
  const frame = Buffer.from(hex, 'hex');
  const value = decodePayload(frame, FRAME_HEADER_BYTES, frame.length);
  return decodeMessages(value, head.from, head.to);
}

describe('between members', () => {
  it.each(FRAMES.map(([message, hex]) => [message.type, message, hex] as const))(
    'a frame with %s has these bytes',
    (_type, message, hex) => {
      expect(hexOf([message])).toBe(hex);
      expect(messagesIn(hex)).toEqual([message]);
    },
  );

  it('every type of message is among them, in every one of its places', () => {
    expect(FRAMES.map(([{ type }]) => type)).toEqual(Object.keys(MessageType));
  });

  it('several messages share a frame', () => {
    const hex = '010e00000094000708929209cc99930acc9906';
    const several = FRAMES.slice(8, 10).map(([message]) => message);
    expect(hexOf(several)).toBe(hex);
    expect(messagesIn(hex)).toEqual(several);
  });

  it('the greeting lines are these', () => {
    const hello = { cluster: 'a b', from: 7, to: 8 };
    const line = greetingLine(memberProtocol, encodeHello(hello));
    expect(line).toBe('raft-ts-member/3 {"cluster":"a b","from":7,"to":8}\n');
    expect(decodeHello(line.slice(line.indexOf(' ')))).toEqual(hello);
    expect(greetingLine(memberProtocol, WELCOME)).toBe('raft-ts-member/3 welcome\n');
  });
});
