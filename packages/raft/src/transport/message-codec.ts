import type { WireValue } from '@raft-ts/net';
import { GROUP } from '../core/group.js';
import { entryBytes, type MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { decodeMessage } from './decode-message.js';
import { fields, invalid, shown } from './message-fields.js';
import { MessageType } from './message-type.js';

/** Bytes that a message without entries takes on the wire at most. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** Bytes that a message takes on the wire at most. */
export function messageBytes(message: Message): number {
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

function encodeMessage(message: Message): WireValue[] {
  const type = MessageType[message.type];
  const { term } = message;
  switch (message.type) {
    case 'vote': {
      const { heard, preVote, transfer, lastIndex, lastTerm, commit, commitTerm } = message;
      return [type, term, heard, preVote, transfer, lastIndex, lastTerm, commit, commitTerm];
    }
    case 'vote-response':
      return [type, term, message.preVote, message.granted, message.commit, message.commitTerm];
    case 'append': {
      const entries = message.entries.flatMap((entry) => [entry.term, entry.type, entry.data]);
      const { heard, prevIndex, prevTerm, commit } = message;
      return [type, term, heard, prevIndex, prevTerm, commit, entries];
    }
    case 'append-response': {
      const { index, rejected, hintIndex, hintTerm, recovery } = message;
      return [type, term, index, rejected, hintIndex, hintTerm, recovery];
    }
    case 'heartbeat': {
      const { heard, commit, commitTerm, round } = message;
      return [type, term, heard, commit, commitTerm, round];
    }
    case 'heartbeat-response':
      return [type, term, message.round, message.recovery];
    case 'snapshot-offer':
      return [type, term, message.heard, message.index, message.indexTerm];
    case 'snapshot-failed':
      return [type, term, message.index];
    case 'timeout-now':
      return [type, term];
    case 'read-index':
      return [type, term, message.context];
    case 'read-index-response':
      return [type, term, message.context, message.index];
    case 'recovered':
      return [type, term, message.recovery];
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
