/**
 * Calls of a tree of directories and files. Paths are absolute (`/a/b`), names are compared as they are.
 * A list is from one moment and of the whole directory.
 */
export type InodeTreeInput =
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'rename'; readonly source: string; readonly destination: string }
  | { readonly kind: 'delete'; readonly path: string; readonly recursive?: boolean }
  | { readonly kind: 'list'; readonly path: string }
  | { readonly kind: 'getStatus'; readonly path: string };

/** Why the tree refuses a call. That is an answer, and not a failure: it tells what the tree was. */
export type InodeTreeRefusal =
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'NOT_A_DIRECTORY'
  | 'DIRECTORY_NOT_EMPTY'
  | 'RENAME_BELOW_ITSELF'
  | 'ROOT_IMMUTABLE';

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
