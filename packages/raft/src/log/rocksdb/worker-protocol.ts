import type { ScannedLog } from '../durable/scan.js';

/** What a thread of the log is started with. */
export interface LogThreadData {
  readonly handle: bigint;
  readonly directory: string;
  readonly markPath: string;
}

/** To the writing thread: a sealed write group, or the end. */
export type WriterRequest = SharedArrayBuffer | 'close';

/** From the writing thread. */
export type WriterAnswer =
  /** The first message: what the log holds. */
  | ({ readonly type: 'opened' } & ScannedLog)
  /** The only message: the log is damaged. */
  | { readonly type: 'damaged'; readonly message: string }
  /** The only message: another version wrote the log. */
  | { readonly type: 'foreign'; readonly message: string }
  /** Nothing was, or will be, written any more; `damaged`: because of what is stored. */
  | { readonly type: 'failed'; readonly message: string; readonly damaged: boolean }
  /** So many write groups, in the order they were sent, are durable. */
  | number;

/** To the reading thread. */
export interface ReaderRequest {
  readonly id: number;
  /** Entries are only looked at. */
  readonly checks: boolean;
  readonly first: number;
  readonly last: number;
  readonly maxBytes: number;
}

/** Entries as they are passed on. */
export interface ReadEntries {
  readonly id: number;
  /** Term, type and payload's length, one after the other, for each entry from `first` on. */
  readonly fields: Float64Array;
  /** One payload behind the other. */
  readonly payloads: Uint8Array;
}

export interface ReadFailure {
  readonly damaged: boolean;
  readonly message: string;
}

/** From the reading thread. */
export type ReaderAnswer =
  | ReadEntries
  /** So many entries from `first` on are whole. */
  | { readonly id: number; readonly whole: number }
  | { readonly id: number; readonly failure: ReadFailure };
