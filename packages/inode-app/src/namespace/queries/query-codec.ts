import { MAX_INODE_ID, MAX_LIST_PAGE, MAX_NAME_BYTES } from '../limits.js';
import {
  type NamespaceErrorCode,
  type NamespaceQuery,
  QueryKind,
  type WireStatus,
} from '../operations/operation.js';
import { parseFailure } from '../operations/operation-codec.js';
import { type Inode, InodeType } from '../tree/inode.js';
import { WireError } from '../wire-error.js';
import { wireArray, wireBoolean, wireBytes, wireInteger, wireNumber } from '../wire-fields.js';

/**
 * Wire form of a query, by its first element (`QueryKind`):
 *
 *     [1, path]                 getStatus
 *     [2, path, after, limit]   list
 *     [3, id]                   getStatusById
 */
export type WireQuery = readonly [kind: number, ...fields: (string | number)[]];

export function encodeQuery(query: NamespaceQuery): WireQuery {
  switch (query.kind) {
    case 'getStatus':
      return [QueryKind.GetStatus, query.path];
    case 'list':
      return [QueryKind.List, query.path, query.after, query.limit];
    case 'getStatusById':
      return [QueryKind.GetStatusById, query.id];
  }
}

/** Takes a query from a client that may be hostile; throws WireError as `parseCommand` does. */
export function parseQuery(value: unknown): NamespaceQuery {
  const fields = wireArray(value, 2, 4, 'a query');
  switch (fields[0]) {
    case QueryKind.GetStatus:
      wireArray(fields, 2, 2, 'a getStatus');
      return { kind: 'getStatus', path: wireBytes(fields[1], 'path') };
    case QueryKind.List: {
      wireArray(fields, 4, 4, 'a list');
      const after = wireBytes(fields[2], 'after');
      if (after.length > MAX_NAME_BYTES) {
        throw new WireError(`after must have at most ${MAX_NAME_BYTES} bytes`);
      }
      const limit = wireInteger(fields[3], 1, MAX_LIST_PAGE, 'limit');
      return { kind: 'list', path: wireBytes(fields[1], 'path'), after, limit };
    }
    case QueryKind.GetStatusById:
      wireArray(fields, 2, 2, 'a getStatusById');
      return { kind: 'getStatusById', id: wireInteger(fields[1], 1, MAX_INODE_ID, 'id') };
    default:
      throw new WireError('a query of unknown kind');
  }
}

export function encodeStatus(inode: Inode): WireStatus {
  return [
    inode.id,
    inode.type,
    inode.mode,
    inode.owner,
    inode.group,
    inode.size,
    inode.modifiedMs,
    inode.accessedMs,
    inode.target,
  ];
}

/** The inode in an answer; throws WireError for anything else. */
function parseStatus(value: unknown): Inode {
  const fields = wireArray(value, 9, 9, 'a status');
  return {
    id: wireInteger(fields[0], 1, MAX_INODE_ID, 'id'),
    type: wireType(fields[1]),
    mode: wireNumber(fields[2], 'mode'),
    owner: wireBytes(fields[3], 'owner'),
    group: wireBytes(fields[4], 'group'),
    size: wireNumber(fields[5], 'size'),
    modifiedMs: wireNumber(fields[6], 'modifiedMs'),
    accessedMs: wireNumber(fields[7], 'accessedMs'),
    target: wireBytes(fields[8], 'target'),
  };
}

function wireType(value: unknown): InodeType {
  if (value === InodeType.Directory) return InodeType.Directory;
  if (value === InodeType.File) return InodeType.File;
  if (value === InodeType.SymbolicLink) return InodeType.SymbolicLink;
  throw new WireError('an inode of unknown type');
}

/** An answer as the client sees it. */
export type ParsedAnswer =
  | { readonly kind: 'status'; readonly inode: Inode }
  | { readonly kind: 'located'; readonly inode: Inode; readonly path: string }
  | {
      readonly kind: 'page';
      readonly entries: readonly { readonly name: string; readonly inode: Inode }[];
      /** Whether there are names behind the last. */
      readonly more: boolean;
    }
  | { readonly kind: 'refused'; readonly code: NamespaceErrorCode; readonly path: string };

/** Takes the answer to `query` from a member; throws WireError for what cannot be one. */
export function parseAnswer(query: NamespaceQuery, value: unknown): ParsedAnswer {
  const fields = wireArray(value, 1, 2, 'an answer');
  if (typeof fields[0] === 'string') {
    const [code, path] = parseFailure(fields);
    return { kind: 'refused', code, path };
  }
  switch (query.kind) {
    case 'getStatus':
      wireArray(fields, 1, 1, 'an answer to getStatus');
      return { kind: 'status', inode: parseStatus(fields[0]) };
    case 'getStatusById':
      wireArray(fields, 2, 2, 'an answer to getStatusById');
      return {
        kind: 'located',
        inode: parseStatus(fields[0]),
        path: wireBytes(fields[1], 'path'),
      };
    case 'list':
      return {
        kind: 'page',
        entries: wireArray(fields[0], 0, query.limit, 'a page').map(parseEntry),
        more: wireBoolean(fields[1], 'more'),
      };
  }
}

function parseEntry(value: unknown): { readonly name: string; readonly inode: Inode } {
  const fields = wireArray(value, 2, 2, 'an entry');
  return { name: wireBytes(fields[0], 'name'), inode: parseStatus(fields[1]) };
}
