import { type Entry, EntryType, entryBytes, type MemberId } from '../core/entry.js';
import type { AppendRequest, Message } from '../core/message.js';
import { RaftError } from '../errors.js';
import type { WireValue } from './rpc.js';

/** What a message is called on the wire. A number is never given to another type. */
const MessageType = {
  vote: 1,
  'vote-response': 2,
  append: 3,
  'append-response': 4,
  heartbeat: 5,
  'heartbeat-response': 6,
} as const satisfies Record<Message['type'], number>;

const MAX_MEMBER_ID = 0xffff_ffff;

/** Bytes that a message without entries takes on the wire at most. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** Values per entry in an append: term, type, data. Its index follows from its place. */
const ENTRY_FIELDS = 3;

const entryTypes: ReadonlySet<number> = new Set(Object.values(EntryType));

/** Bytes that a message takes on the wire at most. */
export function messageBytes(message: Message): number {
  if (message.type !== 'append') return MESSAGE_OVERHEAD_BYTES;
  return message.entries.reduce((sum, entry) => sum + entryBytes(entry), MESSAGE_OVERHEAD_BYTES);
}

/** Several messages of one member to another, as one value: `[from, to, messages]`. */
export function encodeMessages(
  from: MemberId,
  to: MemberId,
  messages: readonly Message[],
): WireValue {
  return [from, to, messages.map(encodeMessage)];
}

function encodeMessage(message: Message): WireValue[] {
  const type = MessageType[message.type];
  const { term } = message;
  switch (message.type) {
    case 'vote':
      return [type, term, message.preVote, message.lastIndex, message.lastTerm];
    case 'vote-response':
      return [type, term, message.preVote, message.granted];
    case 'append':
      return [
        type,
        term,
        message.prevIndex,
        message.prevTerm,
        message.commit,
        message.entries.flatMap((entry) => [entry.term, entry.type, entry.data]),
      ];
    case 'append-response':
      return [type, term, message.index, message.rejected, message.hintIndex, message.hintTerm];
    case 'heartbeat':
      return [type, term, message.commit, message.round];
    case 'heartbeat-response':
      return [type, term, message.round];
  }
}

/**
 * Reads what `encodeMessages` made. Throws MESSAGE_INVALID unless every field is of its type and
 * range and the messages go from `from` to `to`.
 *
 * The entries' data are copies, all of one append in one block of exactly their size: entries stay
 * in memory for long, and a view would keep alive the whole chunk that it came in from the network,
 * with everything else that was in it.
 */
export function decodeMessages(value: WireValue, from: MemberId, to: MemberId): Message[] {
  const [sender, receiver, messages] = fields(value, 3, 'a frame');
  if (sender !== from || receiver !== to) {
    throw invalid(`a frame from member ${from} to ${to} says it is from ${sender} to ${receiver}`);
  }
  if (!Array.isArray(messages)) throw invalid('a frame without a list of messages');
  return messages.map((message: unknown) => decodeMessage(message, from, to));
}

function decodeMessage(value: unknown, from: MemberId, to: MemberId): Message {
  if (!Array.isArray(value)) throw invalid('a message is no array');
  switch (value[0]) {
    case MessageType.vote: {
      const [, term, preVote, lastIndex, lastTerm] = fields(value, 5, 'vote');
      return {
        type: 'vote',
        from,
        to,
        term: whole(term, 'term'),
        preVote: flag(preVote, 'preVote'),
        lastIndex: whole(lastIndex, 'lastIndex'),
        lastTerm: whole(lastTerm, 'lastTerm'),
      };
    }
    case MessageType['vote-response']: {
      const [, term, preVote, granted] = fields(value, 4, 'vote-response');
      return {
        type: 'vote-response',
        from,
        to,
        term: whole(term, 'term'),
        preVote: flag(preVote, 'preVote'),
        granted: flag(granted, 'granted'),
      };
    }
    case MessageType.append:
      return decodeAppend(value, from, to);
    case MessageType['append-response']: {
      const [, term, index, rejected, hintIndex, hintTerm] = fields(value, 6, 'append-response');
      return {
        type: 'append-response',
        from,
        to,
        term: whole(term, 'term'),
        index: whole(index, 'index'),
        rejected: flag(rejected, 'rejected'),
        hintIndex: whole(hintIndex, 'hintIndex'),
        hintTerm: whole(hintTerm, 'hintTerm'),
      };
    }
    case MessageType.heartbeat: {
      const [, term, commit, round] = fields(value, 4, 'heartbeat');
      return {
        type: 'heartbeat',
        from,
        to,
        term: whole(term, 'term'),
        commit: whole(commit, 'commit'),
        round: whole(round, 'round'),
      };
    }
    case MessageType['heartbeat-response']: {
      const [, term, round] = fields(value, 3, 'heartbeat-response');
      return {
        type: 'heartbeat-response',
        from,
        to,
        term: whole(term, 'term'),
        round: whole(round, 'round'),
      };
    }
    default:
      throw invalid(`messages of type ${String(value[0])} are unknown`);
  }
}

function decodeAppend(value: unknown, from: MemberId, to: MemberId): AppendRequest {
  const [, termField, prevIndexField, prevTermField, commit, packed] = fields(value, 6, 'append');
  const term = whole(termField, 'term');
  const prevIndex = whole(prevIndexField, 'prevIndex');
  const prevTerm = whole(prevTermField, 'prevTerm');
  if (prevTerm > term) throw invalid(`prevTerm ${prevTerm} is above the term ${term}`);
  return {
    type: 'append',
    from,
    to,
    term,
    prevIndex,
    prevTerm,
    commit: whole(commit, 'commit'),
    entries: decodeEntries(packed, prevIndex, prevTerm, term),
  };
}

function decodeEntries(
  packed: unknown,
  prevIndex: number,
  prevTerm: number,
  leaderTerm: number,
): Entry[] {
  if (!Array.isArray(packed) || packed.length % ENTRY_FIELDS !== 0) {
    throw invalid('the entries of an append are no list of triples');
  }
  const count = packed.length / ENTRY_FIELDS;
  whole(prevIndex + count, 'the last index');
  let bytes = 0;
  for (let i = ENTRY_FIELDS - 1; i < packed.length; i += ENTRY_FIELDS) {
    const data: unknown = packed[i];
    if (!(data instanceof Uint8Array)) throw invalid('the data of an entry are no bytes');
    bytes += data.byteLength;
  }
  const block = Buffer.allocUnsafeSlow(bytes);
  const entries: Entry[] = [];
  let position = 0;
  let lastTerm = prevTerm;
  for (let i = 0; i < packed.length; i += ENTRY_FIELDS) {
    const term = whole(packed[i], 'the term of an entry');
    if (term < Math.max(lastTerm, 1) || term > leaderTerm) {
      throw invalid(`an entry of term ${term} behind one of ${lastTerm}, from term ${leaderTerm}`);
    }
    lastTerm = term;
    const source = packed[i + 2] as Uint8Array;
    block.set(source, position);
    const data = block.subarray(position, position + source.byteLength);
    position += source.byteLength;
    entries.push({
      index: prevIndex + entries.length + 1,
      term,
      type: entryType(packed[i + 1]),
      data,
    });
  }
  return entries;
}

function fields(value: unknown, count: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== count) {
    throw invalid(`${what} is no array of ${count} fields`);
  }
  return value;
}

function whole(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(`${what} is no whole number from 0 to 2^53 - 1`);
  }
  return value;
}

function flag(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw invalid(`${what} is neither true nor false`);
  return value;
}

function entryType(value: unknown): EntryType {
  if (typeof value !== 'number' || !entryTypes.has(value)) {
    throw invalid(`entries of type ${String(value)} are unknown`);
  }
  return value as EntryType;
}

/** Whether `value` can identify a member. */
export function isMemberId(value: unknown): value is MemberId {
  return (
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= MAX_MEMBER_ID
  );
}

function invalid(what: string): RaftError {
  return new RaftError('MESSAGE_INVALID', `a message from another member is invalid: ${what}`);
}
