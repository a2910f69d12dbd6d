import type { ByteString } from '../tree/byte-string.js';
import type { Failure } from '../tree/failure.js';
import type { QueryStore } from '../tree/inode-store.js';

/** Wire form of a query: its number, then its fields. */
export type WireQuery = readonly [number: number, ...fields: (string | number)[]];

/** All that is to be known of one kind of query; `query-table.ts` lists them. */
export interface QueryDefinition<
  Query extends { readonly kind: string },
  Answer extends readonly [unknown, ...unknown[]],
  Found extends object,
> {
  readonly kind: Query['kind'];
  /** First element of the wire form: a number is never given twice. */
  readonly number: number;
  encode(query: Query): WireQuery;
  /** Takes the wire form, two to four elements, from a client that may be hostile. Throws WireError. */
  parse(wire: readonly unknown[]): Query;
  /** The paths whose inodes `answer` looks at, to be read ahead. */
  paths(query: Query): readonly ByteString[];
  /** The wire form of the answer, from one moment at or after the call. */
  answer(
    store: QueryStore,
    query: Query,
    signal: AbortSignal | undefined,
  ): Answer | Failure | Promise<Answer | Failure>;
  /** Takes an answer that is no refusal from a member; throws WireError for what can't be one. */
  parseAnswer(query: Query, answer: readonly unknown[]): Found;
}
