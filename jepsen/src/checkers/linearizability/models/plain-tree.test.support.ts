import type {
  InodeTreeEntry,
  InodeTreeInput,
  InodeTreeOutput,
  InodeTreeRefusal,
  InodeTreeType,
} from './inode-tree-calls.js';

export interface PlainInode {
  readonly id: number;
  readonly type: InodeTreeType;
}

/** All that is in a tree, by its path: the plainest form there is. */
export type PlainTree = ReadonlyMap<string, PlainInode>;

export const EMPTY_TREE: PlainTree = new Map([['/', { id: 1, type: 'directory' }]]);

/** Carries out a call; `id` is that of what it makes. */
export function applyToTree(
  tree: PlainTree,
  input: InodeTreeInput,
  id: number,
): readonly [PlainTree, InodeTreeOutput] {
  const path = input.kind === 'rename' ? input.source : input.path;
  const refuse = (error: InodeTreeRefusal) => [tree, { error }] as const;
  const fault = faultAbove(tree, path);
  if (fault !== undefined) return refuse(fault);
  const inode = tree.get(path);
  if (input.kind === 'create' || input.kind === 'mkdir') {
    if (inode !== undefined) return refuse('ALREADY_EXISTS');
    const type = input.kind === 'create' ? 'file' : 'directory';
    return [new Map([...tree, [path, { id, type }]]), { id }];
  }
  if (input.kind === 'delete') {
    if (path === '/') return refuse('ROOT_IMMUTABLE');
    if (inode === undefined) return refuse('NOT_FOUND');
    const below = [...tree.keys()].filter((other) => other.startsWith(`${path}/`));
    if (below.length > 0 && input.recursive !== true) return refuse('DIRECTORY_NOT_EMPTY');
    const gone = new Set([path, ...below]);
    return [new Map([...tree].filter(([other]) => !gone.has(other))), { id: inode.id }];
  }
  if (inode === undefined) return refuse('NOT_FOUND');
  if (input.kind === 'getStatus') return [tree, { id: inode.id, type: inode.type }];
  if (input.kind === 'list') {
    if (inode.type === 'file') return refuse('NOT_A_DIRECTORY');
    return [tree, { entries: entriesOf(tree, path) }];
  }
  const { destination } = input;
  if (path === '/') return refuse('ROOT_IMMUTABLE');
  if (inode.type === 'directory' && destination.startsWith(`${path}/`)) {
    return refuse('RENAME_BELOW_ITSELF');
  }
  const destinationFault = faultAbove(tree, destination);
  if (destinationFault !== undefined) return refuse(destinationFault);
  if (destination === '/') return refuse('ROOT_IMMUTABLE');
  if (destination === path) return [tree, { id: inode.id }];
  if (tree.has(destination)) return refuse('ALREADY_EXISTS');
  const moved = [...tree].map(([other, each]): [string, PlainInode] => {
    const isMoved = other === path || other.startsWith(`${path}/`);
    return [isMoved ? destination + other.slice(path.length) : other, each];
  });
  return [new Map(moved), { id: inode.id }];
}

/** Whether the first directory above a path that is not there, or is none, keeps it from being there. */
function faultAbove(tree: PlainTree, path: string): InodeTreeRefusal | undefined {
  const names = path.split('/').slice(1, -1);
  for (let depth = 1; depth <= names.length; depth++) {
    const above = tree.get(`/${names.slice(0, depth).join('/')}`);
    if (above === undefined) return 'NOT_FOUND';
    if (above.type === 'file') return 'NOT_A_DIRECTORY';
  }
  return undefined;
}

function entriesOf(tree: PlainTree, path: string): readonly InodeTreeEntry[] {
  const before = path === '/' ? '/' : `${path}/`;
  return [...tree].flatMap(([other, { id, type }]): readonly InodeTreeEntry[] => {
    const name = other.slice(before.length);
    if (!other.startsWith(before) || name === '' || name.includes('/')) return [];
    return [[name, id, type]];
  });
}
