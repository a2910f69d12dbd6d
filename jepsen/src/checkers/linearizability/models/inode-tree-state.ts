import type { InodeTreeRefusal, InodeTreeType } from './inode-tree-calls.js';

/**
 * A directory or file with all below it; never changed. A change of a tree makes new ones along the
 * path, and shares the rest.
 */
export interface InodeNode {
  /** Undefined: made by a call of unknown outcome, so that nobody was told. */
  readonly id: number | undefined;
  /** Of a directory; undefined: it is a file. */
  readonly children: ReadonlyMap<string, InodeNode> | undefined;
  /** Equal for equal nodes. */
  readonly hash: number;
  /** With it and all below. */
  readonly inodes: number;
}

export type Names = readonly string[];

const NO_CHILDREN: ReadonlyMap<string, InodeNode> = new Map();

export function newNode(type: InodeTreeType, id: number | undefined): InodeNode {
  const isDirectory = type === 'directory';
  const hash = mixed((id ?? -1) * 2 + (isDirectory ? 1 : 0));
  return { id, children: isDirectory ? NO_CHILDREN : undefined, hash, inodes: 1 };
}

export function typeOf({ children }: InodeNode): InodeTreeType {
  return children === undefined ? 'file' : 'directory';
}

/** Where a path leads: what is there, or why nobody can look there. */
export function walk(root: InodeNode, names: Names): InodeNode | 'nothing' | InodeTreeRefusal {
  let node = root;
  for (const [depth, name] of names.entries()) {
    if (node.children === undefined) return 'NOT_A_DIRECTORY';
    const child = node.children.get(name);
    if (child === undefined) return depth === names.length - 1 ? 'nothing' : 'NOT_FOUND';
    node = child;
  }
  return node;
}

/**
 * The tree with this at a place, or nothing.
 *
 * @param names of a place whose directory is there; not of the root
 */
export function withNode(
  directory: InodeNode,
  names: Names,
  node: InodeNode | undefined,
  depth = 0,
): InodeNode {
  const name = names[depth] ?? '';
  const before = directory.children?.get(name);
  const isLast = depth === names.length - 1;
  const after = isLast || before === undefined ? node : withNode(before, names, node, depth + 1);
  const children = new Map(directory.children);
  if (after === undefined) children.delete(name);
  else children.set(name, after);
  return {
    id: directory.id,
    children,
    hash: (directory.hash - entryHash(name, before) + entryHash(name, after)) | 0,
    inodes: directory.inodes - (before?.inodes ?? 0) + (after?.inodes ?? 0),
  };
}

export function areEqual(a: InodeNode, b: InodeNode): boolean {
  if (a === b) return true;
  if (a.hash !== b.hash || a.id !== b.id || a.inodes !== b.inodes) return false;
  if (a.children === undefined || b.children === undefined) return a.children === b.children;
  if (a.children.size !== b.children.size) return false;
  for (const [name, child] of a.children) {
    const other = b.children.get(name);
    if (other === undefined || !areEqual(child, other)) return false;
  }
  return true;
}

/** Whether names lead to somewhere below others. */
export function isBelow(names: Names, above: Names): boolean {
  return names.length > above.length && above.every((name, depth) => name === names[depth]);
}

/** Of an entry in its directory's hash, which is their sum: the order of names makes no difference. */
function entryHash(name: string, node: InodeNode | undefined): number {
  if (node === undefined) return 0;
  let hash = node.hash;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return mixed(hash);
}

/** The last steps of MurmurHash3 (A. Appleby), which spread a number over all bits. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
