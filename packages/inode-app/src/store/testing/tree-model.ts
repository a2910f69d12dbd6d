import type { NewAttributes } from '../../namespace/tree/attributes.js';
import { INODE_FIELDS, type Inode, InodeType, ROOT_ID } from '../../namespace/tree/inode.js';

export type Refusal = readonly [code: string, path: string];
type Node = { -readonly [Name in keyof Inode]: Inode[Name] extends string ? string : Inode[Name] };

/** The namespace as it is meant to be: one Map from path to inode. Takes valid operations only. */
export class TreeModel {
  #nodes = new Map<string, Node>([['/', newNode(ROOT_ID, InodeType.Directory, '', {}, 0)]]);
  #nextId = ROOT_ID + 1;

  /** Every path, in no particular order. */
  get paths(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** The inode at a path, or why there is none: the first part of the path that leads nowhere. */
  find(path: string): Node | Refusal {
    for (const above of ancestors(path)) {
      const node = this.#nodes.get(above);
      if (node === undefined) return ['NOT_FOUND', above];
      if (node.type !== InodeType.Directory) return ['NOT_A_DIRECTORY', above];
    }
    return this.#nodes.get(path) ?? ['NOT_FOUND', path];
  }

  /** The names in a directory, in byte order. */
  names(path: string): readonly string[] {
    const below = path === '/' ? '/' : `${path}/`;
    const inside = this.paths.filter((each) => each !== '/' && each.startsWith(below));
    return inside
      .map((each) => each.slice(below.length))
      .filter((name) => !name.includes('/'))
      .sort();
  }

  /** Makes an inode where nothing is. */
  add(
    path: string,
    type: InodeType,
    target: string,
    given: NewAttributes,
    now: number,
  ): number | Refusal {
    const found = this.find(path);
    if ('id' in found) return ['ALREADY_EXISTS', path];
    if (found[0] !== 'NOT_FOUND' || found[1] !== path) return found;
    this.#nodes.set(path, newNode(this.#nextId, type, target, given, now));
    this.#touch(parentOf(path), now);
    return this.#nextId++;
  }

  /** Makes what is missing above a path. */
  makeParents(path: string, { owner, group }: NewAttributes, now: number): void {
    for (const above of ancestors(path)) {
      this.add(above, InodeType.Directory, '', { owner, group }, now);
    }
  }

  rename(source: string, destination: string, now: number): number | Refusal {
    const node = this.find(source);
    if (source === '/') return ['ROOT_IMMUTABLE', source];
    if (!('id' in node)) return node;
    if (
      node.type === InodeType.Directory &&
      destination !== source &&
      isWithin(destination, source)
    ) {
      return ['RENAME_BELOW_ITSELF', destination];
    }
    if (destination === '/') return ['ROOT_IMMUTABLE', destination];
    const there = this.find(destination);
    if (source === destination) return node.id;
    if ('id' in there) return ['ALREADY_EXISTS', destination];
    if (there[0] !== 'NOT_FOUND' || there[1] !== destination) return there;
    const moved = (path: string) =>
      isWithin(path, source) ? destination + path.slice(source.length) : path;
    this.#nodes = new Map([...this.#nodes].map(([path, each]) => [moved(path), each]));
    this.#touch(parentOf(source), now);
    this.#touch(parentOf(destination), now);
    return node.id;
  }

  delete(path: string, recursive: boolean, now: number): number | Refusal {
    const node = this.find(path);
    if (!('id' in node)) return node;
    if (path === '/') return ['ROOT_IMMUTABLE', path];
    if (this.names(path).length > 0 && !recursive) return ['DIRECTORY_NOT_EMPTY', path];
    for (const each of this.paths) if (isWithin(each, path)) this.#nodes.delete(each);
    this.#touch(parentOf(path), now);
    return node.id;
  }

  setAttribute(path: string, given: NewAttributes, now: number): number | Refusal {
    const node = this.find(path);
    if (!('id' in node)) return node;
    if (given.size !== undefined) this.#touch(path, now);
    give(node, given);
    return node.id;
  }

  #touch(path: string, now: number): void {
    const node = this.#nodes.get(path);
    if (node !== undefined) node.modifiedMs = now;
  }
}

/** What a query answers about a node. */
export function statusOf(node: Node): readonly unknown[] {
  const fields = INODE_FIELDS.filter((field) => field !== 'mounted');
  return fields.map((field) => node[field]);
}

function newNode(
  id: number,
  type: InodeType,
  target: string,
  given: NewAttributes,
  now: number,
): Node {
  const mode = [0o755, 0o644, 0o777][type] ?? 0;
  const times = { modifiedMs: now, accessedMs: now };
  const node = {
    id,
    type,
    target,
    mode,
    owner: 'root',
    group: 'root',
    size: target.length,
    ...times,
    mounted: undefined,
  };
  give(node, given);
  return node;
}

function give(node: Node, given: NewAttributes): void {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  Object.assign(node, Object.fromEntries(set));
}

function ancestors(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return path === '/'
    ? []
    : ['/', ...names.map((_, end) => `/${names.slice(0, end + 1).join('/')}`)];
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}
