import type { WireValue } from '@raft-ts/net';
import { isMemberId, type MemberId } from '../core/log/entry.js';
import type { Message, SnapshotPeer } from '../core/message.js';
import { fields, flag, invalid, shown, whole } from './message-fields.js';
import { MessageType } from './message-type.js';

/** A message that is not sent with every proposal; its fields are numbers and flags, but for peers. */
export type PlainMessage = Exclude<Message, { readonly type: 'append' | 'append-response' }>;

type Reader<Value> = (value: unknown, what: string) => Value;

/** How the fields are read that not every message has. */
type Layout<Of extends Message> = {
  readonly [Name in Exclude<keyof Of, 'type' | 'from' | 'to' | 'term'>]: Reader<Of[Name]>;
};

const positive: Reader<number> = (value, what) => whole(value, what, 1);
const number: Reader<number> = (value, what) => whole(value, what);
const peers: Reader<readonly SnapshotPeer[]> = (value, what) => {
  if (!Array.isArray(value)) throw invalid(`${what} is no list`);
  return value.map((peer: unknown) => {
    const [member, address] = fields(peer, 2, what);
    if (!isMemberId(member) || typeof address !== 'string')
      throw invalid(`${what} names no member`);
    return { member, address };
  });
};

/** A plain message travels as the number of its type, its term and these fields in this order. */
const layouts: {
  readonly [Type in PlainMessage['type']]: Layout<Extract<Message, { readonly type: Type }>>;
} = {
  vote: {
    heard: flag,
    preVote: flag,
    transfer: flag,
    lastIndex: number,
    lastTerm: number,
    commit: number,
    commitTerm: number,
  },
  'vote-response': { preVote: flag, granted: flag, commit: number, commitTerm: number },
  heartbeat: { heard: flag, commit: number, commitTerm: number, round: number, heldByAll: number },
  'heartbeat-response': {
    round: number,
    recovery: number,
    priority: number,
    commit: number,
    commitTerm: number,
  },
  'snapshot-offer': { heard: flag, index: positive, indexTerm: positive, peers },
  'snapshot-failed': { index: number },
  'timeout-now': {},
  'read-index': { context: number },
  'read-index-response': { context: number, index: number },
  recovered: { recovery: positive },
};

interface PlainType {
  readonly type: string;
  readonly names: readonly string[];
  readonly readers: readonly Reader<unknown>[];
}

/** By their numbers. */
const plainTypes: ReadonlyMap<unknown, PlainType> = new Map(
  Object.entries(layouts).map(([type, layout]) => [
    new Map<string, number>(Object.entries(MessageType)).get(type),
    { type, names: Object.keys(layout), readers: Object.values(layout) },
  ]),
);

export function encodePlain(message: PlainMessage): WireValue[] {
  const number = MessageType[message.type];
  const values: Readonly<Record<string, WireValue>> =
    message.type === 'snapshot-offer'
      ? { ...message, peers: message.peers.map(({ member, address }) => [member, address]) }
      : { ...message };
  const encoded: WireValue[] = [number, message.term];
  for (const name of plainTypes.get(number)?.names ?? []) encoded.push(values[name]);
  return encoded;
}

export function decodePlain(value: readonly unknown[], from: MemberId, to: MemberId): PlainMessage {
  const plain = plainTypes.get(value[0]);
  if (plain === undefined) throw invalid(`messages of type ${shown(value[0])} are unknown`);
  const { type, names, readers } = plain;
  fields(value, names.length + 2, type);
  const read: Record<string, unknown> = { type, from, to, term: whole(value[1], 'term') };
  for (const [i, name] of names.entries()) read[name] = readers[i]?.(value[i + 2], name);
  // Layout has it that every field is there, and read as what it is.
  const message = read as unknown as PlainMessage;
  if (message.type === 'snapshot-offer' && message.indexTerm > message.term) {
    throw invalid(`indexTerm ${message.indexTerm} is above the term ${message.term}`);
  }
  return message;
}
