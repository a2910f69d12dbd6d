import { type Fields, type Message, type MessageForm, messageForm } from '../message-form.js';
import type { ByteString } from '../tree/byte-string.js';
import type { Failure } from '../tree/failure.js';
import type { QueryStore } from '../tree/inode-store.js';

/** What one kind of query asks. */
interface QueryRules<Query, Answer extends readonly unknown[], Found> {
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

/** All that is to be known of one kind of query; `query-table.ts` lists them. */
export interface QueryDefinition<Query, Answer extends readonly unknown[], Found>
  extends MessageForm<Query, never>,
    QueryRules<Query, Answer, Found> {}

/** A kind of query: its name, its number and fields on the wire, and what it asks. */
export function defineQuery<
  Kind extends string,
  Of extends Fields,
  Answer extends readonly unknown[],
  Found,
>(
  kind: Kind,
  number: number,
  fields: Of,
  rules: QueryRules<Message<Kind, Of>, Answer, Found>,
): QueryDefinition<Message<Kind, Of>, Answer, Found> {
  return { ...messageForm(kind, number, fields), ...rules };
}
