import { MAX_MESSAGE_FIELDS, type WireMessage } from '../message-form.js';
import type { ByteString } from '../tree/byte-string.js';
import { type Failure, parseFailure } from '../tree/failure.js';
import type { QueryStore } from '../tree/inode-store.js';
import { WireError, wireArray } from '../wire-fields.js';
import { getStatus } from './get-status.js';
import { getStatusById } from './get-status-by-id.js';
import { listDirectory } from './list-directory.js';
import { listLocks } from './list-locks.js';
import { listMounts } from './list-mounts.js';
import { locateContent } from './locate-content.js';
import { namedPlace } from './named-place.js';
import type { QueryDefinition } from './query.js';
import { syncPath } from './sync-path.js';

/** All queries, by kind. */
const DEFINITIONS = {
  getStatus,
  list: listDirectory,
  getStatusById,
  mounts: listMounts,
  locks: listLocks,
  location: locateContent,
  sync: syncPath,
  namedPlace,
};

export type QueryKind = keyof typeof DEFINITIONS;

/** The queries of these kinds. */
export type QueryOf<Kinds extends QueryKind> = {
  [Kind in Kinds]: ReturnType<(typeof DEFINITIONS)[Kind]['parse']> & { readonly kind: Kind };
}[Kinds];

/** What queries of these kinds find, as their client sees it. */
export type FoundBy<Kinds extends QueryKind> = {
  [Kind in Kinds]: ReturnType<(typeof DEFINITIONS)[Kind]['parseAnswer']>;
}[Kinds];

/** Wire forms of the answers of these kinds, refusals aside. */
type AnswerOf<Kinds extends QueryKind> = {
  [Kind in Kinds]: Exclude<Awaited<ReturnType<(typeof DEFINITIONS)[Kind]['answer']>>, Failure>;
}[Kinds];

export type NamespaceQuery = QueryOf<QueryKind>;

/** Wire forms of answers: of each query its own, or a refusal as of an operation. */
export type QueryAnswer = AnswerOf<QueryKind> | Failure;

const BY_KIND: {
  readonly [Kind in QueryKind]: QueryDefinition<QueryOf<Kind>, AnswerOf<Kind>, FoundBy<Kind>>;
} = DEFINITIONS;

const PARSERS = new Map<unknown, (wire: readonly unknown[]) => NamespaceQuery>(
  Object.values(DEFINITIONS).map(({ number, parse }) => [number, parse]),
);

export function encodeQuery<Kind extends QueryKind>(query: QueryOf<Kind>): WireMessage {
  return BY_KIND[query.kind].encode(query);
}

/** Takes a query from a client that may be hostile; throws WireError as `parseCommand` does. */
export function parseQuery(value: unknown): NamespaceQuery {
  const wire = wireArray(value, 1, MAX_MESSAGE_FIELDS + 1, 'a query');
  const parse = PARSERS.get(wire[0]);
  if (parse === undefined) throw new WireError('a query of unknown kind');
  return parse(wire);
}

/** The paths whose inodes a query looks at. */
export function queryPaths<Kind extends QueryKind>(query: QueryOf<Kind>): readonly ByteString[] {
  return BY_KIND[query.kind].paths(query);
}

/** Answers a query; see `QueryDefinition.answer`. */
export function answerQuery<Kind extends QueryKind>(
  store: QueryStore,
  query: QueryOf<Kind>,
  signal: AbortSignal | undefined,
): QueryAnswer | Promise<QueryAnswer> {
  return BY_KIND[query.kind].answer(store, query, signal);
}

/** Takes the answer to `query` from a member; throws WireError for what can't be one. */
export function parseAnswer<Kind extends QueryKind>(
  query: QueryOf<Kind>,
  value: unknown,
): FoundBy<Kind> | Failure {
  const answer = wireArray(value, 1, 3, 'an answer');
  return typeof answer[0] === 'string'
    ? parseFailure(answer)
    : BY_KIND[query.kind].parseAnswer(query, answer);
}
