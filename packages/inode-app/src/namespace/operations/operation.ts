import type { ByteString } from '../tree/byte-string.js';
import type { InodeType } from '../tree/inode.js';

/** First element of an operation's wire form. Stored in the log: a number is never given twice. */
export const OperationKind = {
  MakeDirectory: 1,
  Create: 2,
  SymbolicLink: 3,
  Rename: 4,
  Delete: 5,
  SetAttribute: 6,
  Reclaim: 7,
} as const;

/** What a new inode is given; what is left out (undefined) gets the default. */
export interface NewAttributes {
  readonly mode?: number | undefined;
  readonly owner?: ByteString | undefined;
  readonly group?: ByteString | undefined;
  readonly size?: number | undefined;
  /** Milliseconds since 1970; the entry's clock by default. */
  readonly modifiedMs?: number | undefined;
  readonly accessedMs?: number | undefined;
}

/** One change of the tree. Paths are absolute and normal (`/a/b`, no `.`, `..`, `//`). */
export type Operation =
  | {
      readonly kind: 'mkdir';
      readonly path: ByteString;
      /** Makes missing parents too, and is content with a directory that exists. */
      readonly parents: boolean;
      readonly attributes: NewAttributes;
    }
  | { readonly kind: 'create'; readonly path: ByteString; readonly attributes: NewAttributes }
  | {
      readonly kind: 'symlink';
      readonly path: ByteString;
      readonly target: ByteString;
      readonly attributes: NewAttributes;
    }
  | { readonly kind: 'rename'; readonly source: ByteString; readonly destination: ByteString }
  | { readonly kind: 'delete'; readonly path: ByteString; readonly recursive: boolean }
  | { readonly kind: 'setAttribute'; readonly path: ByteString; readonly attributes: NewAttributes }
  /** A bounded step of giving back what hung below deleted directories; proposed by the leader. */
  | { readonly kind: 'reclaim'; readonly maxEntries: number };

/** One command of the state machine: operations carried out in order, each with its own result. */
export type NamespaceCommand = readonly Operation[];

/** Why an operation was refused; a definite answer, nothing was changed by it. */
export type NamespaceErrorCode =
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'NOT_A_DIRECTORY'
  | 'DIRECTORY_NOT_EMPTY'
  | 'IS_A_DIRECTORY'
  | 'RENAME_BELOW_ITSELF'
  | 'ROOT_IMMUTABLE'
  | 'PATH_INVALID'
  | 'NAME_TOO_LONG'
  | 'PATH_TOO_LONG'
  | 'ATTRIBUTE_INVALID'
  | 'IDS_EXHAUSTED';

/**
 * The wire form of one operation's result: the id of the inode it was about (0 for reclaim), or
 * the error's code with the path (byte string) that it is about.
 */
export type OperationResult = number | readonly [code: NamespaceErrorCode, path: ByteString];

/** First element of a query's wire form. */
export const QueryKind = { GetStatus: 1, List: 2, GetStatusById: 3 } as const;

export type NamespaceQuery =
  | { readonly kind: 'getStatus'; readonly path: ByteString }
  | {
      readonly kind: 'list';
      readonly path: ByteString;
      /** Only names behind this one, in byte order; empty for the first page. */
      readonly after: ByteString;
      /** Entries a page, 1 to MAX_LIST_PAGE. */
      readonly limit: number;
    }
  | { readonly kind: 'getStatusById'; readonly id: number };

/** Wire form of an inode in an answer. */
export type WireStatus = readonly [
  id: number,
  type: InodeType,
  mode: number,
  owner: ByteString,
  group: ByteString,
  size: number,
  modifiedMs: number,
  accessedMs: number,
  target: ByteString,
];

/**
 * Wire forms of answers: a failed query answers `[code, path]` like an operation.
 * GetStatus: `[status]`; GetStatusById: `[status, path]`; List of a directory:
 * `[[[name, status], ...], more]`; List of anything else: NOT_A_DIRECTORY.
 */
export type QueryAnswer =
  | readonly [status: WireStatus]
  | readonly [status: WireStatus, path: ByteString]
  | readonly [entries: readonly (readonly [name: ByteString, status: WireStatus])[], more: boolean]
  | readonly [code: NamespaceErrorCode, path: ByteString];
