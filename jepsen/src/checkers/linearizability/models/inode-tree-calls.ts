import type { Json, JsonObject } from '../../../histories/json.js';
import type { CallForm } from '../../../histories/operations.js';

/**
 * Calls of a tree of directories and files. Paths are absolute and normal (`/a/b`, no `//`, `.` or `..`),
 * names are compared as they are. A list is from one moment and of the whole directory.
 *
 * Calls that name a `tree` go to that one, which shares nothing with the others: a client keeps each in
 * a directory of its own, whose path is put before those that are asked for. A tree begins empty, and
 * its root is never moved or deleted. Trees are judged one by one, so that several small ones take
 * less time than one.
 */
export type InodeTreeInput = { readonly tree?: string } & (
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'rename'; readonly source: string; readonly destination: string }
  | { readonly kind: 'delete'; readonly path: string; readonly recursive?: boolean }
  | { readonly kind: 'list'; readonly path: string }
  | { readonly kind: 'getStatus'; readonly path: string }
);

const REFUSALS = [
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'NOT_A_DIRECTORY',
  'DIRECTORY_NOT_EMPTY',
  'RENAME_BELOW_ITSELF',
  'ROOT_IMMUTABLE',
] as const;

/** Why the tree refuses a call. That is an answer, and not a failure: it tells what the tree was. */
export type InodeTreeRefusal = (typeof REFUSALS)[number];

export type InodeTreeType = 'directory' | 'file';

/** An entry of a list: its name, its id, its type. */
export type InodeTreeEntry = readonly [name: string, id: number, type: InodeTreeType];

/**
 * A refusal; of create, mkdir, rename and delete the id of the inode that it was about; of a list the
 * entries, in any order; of getStatus the id and the type. Ids are never given again.
 */
export type InodeTreeOutput =
  | { readonly error: InodeTreeRefusal }
  | { readonly id: number }
  | { readonly id: number; readonly type: InodeTreeType }
  | { readonly entries: readonly InodeTreeEntry[] };

/** A refusal of another code than those of `InodeTreeRefusal` is none of the answers. */
export const inodeTreeCalls: CallForm<InodeTreeInput, InodeTreeOutput> = {
  input({ kind, tree, path, source, destination, recursive }) {
    const of = typeof tree === 'string' ? { tree } : {};
    switch (kind) {
      case 'rename':
        if (!isPath(source) || !isPath(destination)) return undefined;
        return { ...of, kind, source, destination };
      case 'delete':
        return isPath(path) ? { ...of, kind, path, recursive: recursive === true } : undefined;
      case 'create':
      case 'mkdir':
      case 'list':
      case 'getStatus':
        return isPath(path) ? { ...of, kind, path } : undefined;
      default:
        return undefined;
    }
  },
  output({ kind }, answer) {
    if (!isObject(answer)) return undefined;
    const { error, id, type, entries } = answer;
    if (error !== undefined) return isRefusal(error) ? { error } : undefined;
    if (kind === 'list') return isEntries(entries) ? { entries } : undefined;
    if (typeof id !== 'number') return undefined;
    if (kind !== 'getStatus') return { id };
    return isType(type) ? { id, type } : undefined;
  },
  isCommand: ({ kind }) => kind !== 'list' && kind !== 'getStatus',
};

const PATH = /^\/$|^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

function isPath(value: Json | undefined): value is string {
  return typeof value === 'string' && PATH.test(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRefusal(value: Json): value is InodeTreeRefusal {
  return REFUSALS.some((refusal) => refusal === value);
}

function isType(value: Json | undefined): value is InodeTreeType {
  return value === 'directory' || value === 'file';
}

function isEntries(value: Json | undefined): value is readonly InodeTreeEntry[] {
  if (!Array.isArray(value)) return false;
  const entries: readonly Json[] = value;
  return entries.every((entry) => {
    if (!Array.isArray(entry) || entry.length !== 3) return false;
    const [name, id, type]: readonly Json[] = entry;
    return typeof name === 'string' && typeof id === 'number' && isType(type);
  });
}
