import { InodeType, ROOT_ID } from '../../namespace/inode.js';
import type { NewAttributes, Operation, WireStatus } from '../../namespace/operation.js';

type Result = number | readonly [code: string, path: string];
type Attributes = Required<NewAttributes>;

class Node {
  mode: number;
  owner = 'root';
  group = 'root';
  size = 0;
  modifiedMs: number;
  accessedMs: number;
  target = '';
  readonly entries = new Map<string, Node>();

  constructor(
    readonly id: number,
    readonly type: InodeType,
    timeMs: number,
  ) {
    this.mode = [0o755, 0o644, 0o777][type] ?? 0;
    this.modifiedMs = this.accessedMs = timeMs;
  }

  get status(): WireStatus {
    const { id, type, mode, owner, group, size, modifiedMs, accessedMs, target } = this;
    return [id, type, mode, owner, group, size, modifiedMs, accessedMs, target];
  }
}

/** The namespace as it is meant to be: nodes in Maps. Takes valid paths and attributes only. */
export class TreeModel {
  readonly root = new Node(ROOT_ID, InodeType.Directory, 0);
  #nextId = ROOT_ID + 1;

  apply(operation: Operation, timeMs: number): Result {
    try {
      return this.#apply(operation, timeMs);
    } catch (refusal) {
      if (refusal instanceof Refusal) return [refusal.code, refusal.path];
      throw refusal;
    }
  }

  #apply(operation: Operation, now: number): Result {
    switch (operation.kind) {
      case 'mkdir':
        return this.#makeDirectory(operation.path, operation.parents, operation.attributes, now);
      case 'create':
        return this.#add(operation.path, InodeType.File, operation.attributes, now).id;
      case 'symlink': {
        const node = this.#add(operation.path, InodeType.SymbolicLink, operation.attributes, now);
        node.target = operation.target;
        node.size = operation.attributes.size ?? operation.target.length;
        return node.id;
      }
      case 'rename':
        return this.#rename(operation.source, operation.destination, now);
      case 'delete': {
        const node = this.find(operation.path);
        if (node === this.root) throw new Refusal('ROOT_IMMUTABLE', '/');
        if (node.entries.size > 0 && !operation.recursive) {
          throw new Refusal('DIRECTORY_NOT_EMPTY', operation.path);
        }
        const { parent, name } = this.#parent(operation.path);
        parent.entries.delete(name);
        touch(parent, now);
        return node.id;
      }
      case 'setAttribute': {
        const node = this.find(operation.path);
        const { size } = operation.attributes;
        if (size !== undefined) touch(node, now);
        give(node, operation.attributes);
        return node.id;
      }
      case 'reclaim':
        return 0;
    }
  }

  find(path: string): Node {
    if (path === '/') return this.root;
    const { parent, name } = this.#parent(path);
    return parent.entries.get(name) ?? refuse('NOT_FOUND', path);
  }

  #parent(path: string): { parent: Node; name: string } {
    const end = path.lastIndexOf('/');
    const above = path.slice(0, end) || '/';
    const parent = this.find(above);
    if (parent.type !== InodeType.Directory) throw new Refusal('NOT_A_DIRECTORY', above);
    return { parent, name: path.slice(end + 1) };
  }

  #add(path: string, type: InodeType, attributes: NewAttributes, now: number): Node {
    if (path === '/') throw new Refusal('ALREADY_EXISTS', path);
    const { parent, name } = this.#parent(path);
    if (parent.entries.has(name)) throw new Refusal('ALREADY_EXISTS', path);
    const node = new Node(this.#nextId++, type, now);
    give(node, attributes);
    parent.entries.set(name, node);
    touch(parent, now);
    return node;
  }

  #makeDirectory(path: string, parents: boolean, attributes: NewAttributes, now: number): number {
    if (!parents) return this.#add(path, InodeType.Directory, attributes, now).id;
    const { owner, group } = attributes;
    const names = path === '/' ? [] : path.slice(1).split('/');
    let node = this.root;
    for (let depth = 1; depth <= names.length; depth++) {
      const part = `/${names.slice(0, depth).join('/')}`;
      const last = depth === names.length;
      const next = node.entries.get(names[depth - 1] ?? '');
      if (next !== undefined && next.type !== InodeType.Directory) {
        throw new Refusal(last ? 'ALREADY_EXISTS' : 'NOT_A_DIRECTORY', part);
      }
      node =
        next ?? this.#add(part, InodeType.Directory, last ? attributes : { owner, group }, now);
    }
    return node.id;
  }

  #rename(source: string, destination: string, now: number): number {
    if (source === '/') throw new Refusal('ROOT_IMMUTABLE', source);
    const node = this.find(source);
    if (node.type === InodeType.Directory && destination.startsWith(`${source}/`)) {
      throw new Refusal('RENAME_BELOW_ITSELF', destination);
    }
    if (destination === '/') throw new Refusal('ROOT_IMMUTABLE', destination);
    const from = this.#parent(source);
    const to = this.#parent(destination);
    if (source === destination) return node.id;
    if (to.parent.entries.has(to.name)) throw new Refusal('ALREADY_EXISTS', destination);
    from.parent.entries.delete(from.name);
    to.parent.entries.set(to.name, node);
    touch(from.parent, now);
    touch(to.parent, now);
    return node.id;
  }

  /** Every inode with its path; a directory before what is in it, names in byte order. */
  *walk(node = this.root, path = ''): Generator<readonly [path: string, node: Node]> {
    yield [path || '/', node];
    for (const name of [...node.entries.keys()].sort()) {
      const child = node.entries.get(name);
      if (child !== undefined) yield* this.walk(child, `${path}/${name}`);
    }
  }
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly path: string,
  ) {
    super(code);
  }
}

function refuse(code: string, path: string): never {
  throw new Refusal(code, path);
}

function touch(node: Node, now: number): void {
  node.modifiedMs = Math.max(node.modifiedMs, now);
}

function give(node: Node, attributes: NewAttributes): void {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  Object.assign(node, Object.fromEntries(given) as Partial<Attributes>);
}
