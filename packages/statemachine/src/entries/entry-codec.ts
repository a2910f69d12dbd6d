import { decodeValue, encodeValue, type WireValue } from '@raft-ts/net';
import { invariant } from 'raft-ts/core';
import { isPositiveInteger, isTime } from '../numbers.js';
import { decodeLimits, encodeLimits, type SessionLimits } from '../sessions/session-limits.js';
import { MAX_ENTRY_ITEMS } from '../sessions/session-table.js';
import { decodeHashes, encodeHashes } from '../state-hash/hashes-codec.js';
import type { StateHashAt } from '../state-hash/state-hash-rows.js';

const FORMAT = 1;

/** The numbers stand in the log. */
const ItemKind = { Command: 0, Open: 1, Close: 2, Work: 3, Limits: 4, Hashes: 5 } as const;

/** A command that a client sent in its session. */
export interface CommandItem<Command> {
  readonly kind: 'command';
  readonly session: number;
  readonly sequence: number;
  readonly acknowledgedBelow: number;
  readonly command: Command;
}

/** One of the requests that a log entry carries. */
export type EntryItem<Command> =
  | CommandItem<Command>
  /** For a client on this host. */
  | { readonly kind: 'open'; readonly host: string }
  | { readonly kind: 'close'; readonly session: number }
  /** The machine's own work. */
  | { readonly kind: 'work'; readonly command: Command }
  | { readonly kind: 'limits'; readonly limits: SessionLimits }
  /**
   * What most members' states hashed to, by ascending index: one that had another hash stops. Empty:
   * all count anew from this entry on.
   */
  | { readonly kind: 'hashes'; readonly agreed: readonly StateHashAt[] };

/** The times that every entry carries. */
export interface EntryTimes {
  /** The log's time: advances as the leader's monotonic clock does. */
  readonly logTimeMs: number;
  /** The leader's wall clock, milliseconds since 1970. */
  readonly wallMs: number;
}

/** What one entry of the log asks for. */
export interface EntryContent<Command> extends EntryTimes {
  readonly items: readonly EntryItem<Command>[];
}

/** `item` with its command as it came, not as it was parsed. Throws for what can't be carried. */
export function encodeItem(item: EntryItem<WireValue>): Uint8Array {
  switch (item.kind) {
    case 'command':
      return encodeValue([
        ItemKind.Command,
        item.session,
        item.sequence,
        item.acknowledgedBelow,
        item.command,
      ]);
    case 'open':
      return encodeValue([ItemKind.Open, item.host]);
    case 'close':
      return encodeValue([ItemKind.Close, item.session]);
    case 'work':
      return encodeValue([ItemKind.Work, item.command]);
    case 'limits':
      return encodeValue([ItemKind.Limits, encodeLimits(item.limits)]);
    case 'hashes':
      return encodeValue([ItemKind.Hashes, encodeHashes(item.agreed)]);
  }
}

/** An array of four, the format, two float64, an array with a length of 16 bits. */
const HEADER_BYTES = 23;

/**
 * One entry: `[format, logTimeMs, wallMs, [item, ...]]` in MessagePack. The items were encoded when they
 * came, which tells their exact size before; here they are only joined.
 */
export function encodeEntry(times: EntryTimes, items: readonly Uint8Array[]): Uint8Array {
  invariant(items.length <= MAX_ENTRY_ITEMS, `an entry of ${items.length} items`);
  const itemBytes = items.reduce((sum, item) => sum + item.byteLength, 0);
  const entry = Buffer.allocUnsafe(HEADER_BYTES + itemBytes);
  entry[0] = 0x94;
  entry[1] = FORMAT;
  entry[2] = 0xcb;
  entry.writeDoubleBE(times.logTimeMs, 3);
  entry[11] = 0xcb;
  entry.writeDoubleBE(times.wallMs, 12);
  entry[20] = 0xdc;
  entry.writeUInt16BE(items.length, 21);
  let at = HEADER_BYTES;
  for (const item of items) {
    entry.set(item, at);
    at += item.byteLength;
  }
  return entry;
}

/**
 * Reads an entry's payload. It was checked before it came into the log, so what can't be read
 * here breaks an invariant: another version wrote it, or it is damaged.
 */
export function decodeEntry<Command>(
  index: number,
  data: Uint8Array,
  parseCommand: (value: WireValue) => Command,
): EntryContent<Command> {
  const where = `entry ${index}`;
  const fields = attempt(where, () => decodeValue(data));
  invariant(Array.isArray(fields), `${where} is no array`);
  const [format, logTimeMs, wallMs, items]: readonly WireValue[] = fields;
  invariant(format === FORMAT, `${where} has the unknown format ${String(format)}`);
  invariant(isTime(logTimeMs), `${where} has no log time`);
  invariant(typeof wallMs === 'number' && Number.isFinite(wallMs), `${where} has no wall time`);
  invariant(Array.isArray(items), `${where} has no items`);
  invariant(items.length <= MAX_ENTRY_ITEMS, `${where} has ${items.length} items`);
  const parse = (value: WireValue) => attempt(where, () => parseCommand(value));
  return {
    logTimeMs,
    wallMs,
    items: items.map((item: WireValue) => decodeItem(where, item, parse)),
  };
}

function decodeItem<Command>(
  where: string,
  item: WireValue,
  parse: (value: WireValue) => Command,
): EntryItem<Command> {
  invariant(Array.isArray(item), `${where} has an item that is no array`);
  const [kind, first, second, third, fourth]: readonly WireValue[] = item;
  switch (kind) {
    case ItemKind.Command:
      return {
        kind: 'command',
        session: positive(where, first),
        sequence: positive(where, second),
        acknowledgedBelow: positive(where, third),
        command: parse(fourth),
      };
    case ItemKind.Open:
      invariant(typeof first === 'string', `${where} opens a session for no host`);
      return { kind: 'open', host: first };
    case ItemKind.Close:
      return { kind: 'close', session: positive(where, first) };
    case ItemKind.Work:
      return { kind: 'work', command: parse(first) };
    case ItemKind.Limits: {
      const limits = decodeLimits(first);
      invariant(limits !== undefined, `${where} has damaged session limits`);
      return { kind: 'limits', limits };
    }
    case ItemKind.Hashes: {
      const agreed = decodeHashes(first);
      invariant(agreed !== undefined, `${where} has damaged hashes of the state`);
      return { kind: 'hashes', agreed };
    }
    default:
      invariant(false, `${where} has an item of the unknown kind ${String(kind)}`);
  }
}

function positive(where: string, value: unknown): number {
  invariant(isPositiveInteger(value), `${where} has a number that is out of range`);
  return value;
}

function attempt<T>(where: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    invariant(false, `${where} can't be read: ${error instanceof Error ? error.message : error}`);
  }
}
