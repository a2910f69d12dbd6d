import type { WireValue } from '@raft-ts/net';
import { GROUP } from '../core/group.js';
import { entryBytes, type MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { decodeAppend, decodeAppendResponse } from './decode-append.js';
import { fields, invalid, shown } from './message-fields.js';
import { MessageType } from './message-type.js';
import { decodePlain, encodePlain } from './plain-message.js';

/** Bytes that a message without entries takes on the wire at most. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** Of a peer in an offer, beside its address. */
const PEER_OVERHEAD_BYTES = 16;

/** Bytes that a message takes on the wire at most. */
export function messageBytes(message: Message): number {
  if (message.type === 'snapshot-offer') {
    const sizes = message.peers.map(({ address }) => Buffer.byteLength(address));
    return sizes.reduce((sum, size) => sum + size + PEER_OVERHEAD_BYTES, MESSAGE_OVERHEAD_BYTES);
  }
  if (message.type !== 'append') return MESSAGE_OVERHEAD_BYTES;
  return message.entries.reduce((sum, entry) => sum + entryBytes(entry), MESSAGE_OVERHEAD_BYTES);
}

/** Several messages of one member to another, as one value: `[group, from, to, messages]`. */
export function encodeMessages(
  from: MemberId,
  to: MemberId,
  messages: readonly Message[],
): WireValue {
  return [GROUP, from, to, messages.map(encodeMessage)];
}

/** Appends and their answers by hand, which is faster: they come with every proposal. */
function encodeMessage(message: Message): WireValue[] {
  switch (message.type) {
    case 'append': {
      const { term, heard, prevIndex, prevTerm, commit } = message;
      const entries = message.entries.flatMap((entry) => [entry.term, entry.type, entry.data]);
      return [MessageType.append, term, heard, prevIndex, prevTerm, commit, entries];
    }
    case 'append-response': {
      const { type, term, index, rejected, hintIndex, hintTerm, recovery } = message;
      return [MessageType[type], term, index, rejected, hintIndex, hintTerm, recovery];
    }
    default:
      return encodePlain(message);
  }
}

/**
 * Reads what `encodeMessages` made. Throws MESSAGE_INVALID unless every field is of its type and
 * range and the messages go from `from` to `to` in this group.
 */
export function decodeMessages(value: unknown, from: MemberId, to: MemberId): Message[] {
  const [group, sender, receiver, messages] = fields(value, 4, 'a frame');
  if (group !== GROUP)
    throw invalid(`a frame of group ${shown(group)}; there is only ${GROUP} here`);
  if (sender !== from || receiver !== to) {
    const says = `${shown(sender)} to ${shown(receiver)}`;
    throw invalid(`a frame from member ${from} to ${to} says it is from ${says}`);
  }
  if (!Array.isArray(messages)) throw invalid('a frame without a list of messages');
  return messages.map((message: unknown) => decodeMessage(message, from, to));
}

function decodeMessage(value: unknown, from: MemberId, to: MemberId): Message {
  if (!Array.isArray(value)) throw invalid('a message is no array');
  if (value[0] === MessageType.append) return decodeAppend(value, from, to);
  if (value[0] === MessageType['append-response']) return decodeAppendResponse(value, from, to);
  return decodePlain(value, from, to);
}
