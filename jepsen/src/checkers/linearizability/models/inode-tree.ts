import type { DoneOperation, EffectiveOperation } from '../../../histories/operation.js';
import type { Model } from '../model.js';
import type {
  InodeTreeEntry,
  InodeTreeInput,
  InodeTreeOutput,
  InodeTreeRefusal,
} from './inode-tree-calls.js';
import {
  areEqual,
  type InodeNode,
  isBelow,
  type Names,
  newNode,
  typeOf,
  walk,
  withNode,
} from './inode-tree-state.js';

type InodeTreeOperation = EffectiveOperation<InodeTreeInput, InodeTreeOutput>;

type InodeTreeModel = Model<InodeNode, InodeTreeInput, InodeTreeOutput>;

/** Of a state, beside its inodes. */
const STATE_BYTES = 200;
/** Most are shared with other states. */
const INODE_BYTES = 40;
const MAX_SHOWN_ENTRIES = 20;

/**
 * A tree of directories and files: create, mkdir, rename (of whole directories too), delete (recursive or
 * not), list and getStatus. A refusal is an answer, and shows what the tree was; whatever is refused
 * changes nothing. Nothing is ever replaced: where something is, create, mkdir and rename are refused.
 *
 * What a call of unknown outcome made has an id that nobody was told: it passes for any id that no
 * answered call was given for what it made. So the same unknown inode may be read with two such ids, and
 * that is not seen.
 */
export const inodeTree: InodeTreeModel = inodeTreeOver(undefined, (operations) =>
  inodeTreeOver(idsOf(operations)),
);

/** What answers say about ids. */
interface Ids {
  /** Given by answered calls for what they made. */
  readonly given: ReadonlySet<number>;
  /** Given by more than one of them: none of those can be right. */
  readonly givenTwice: ReadonlySet<number>;
  /** Of what answered calls deleted by its own path: nothing else may have deleted it before. */
  readonly deleted: ReadonlySet<number>;
}

function inodeTreeOver(
  ids: Ids | undefined,
  specialize?: (operations: readonly InodeTreeOperation[]) => InodeTreeModel,
): InodeTreeModel {
  const isId = (node: InodeNode, id: number) =>
    node.id === undefined ? ids?.given.has(id) !== true : node.id === id;
  return {
    name: 'inode tree',
    init: () => newNode('directory', undefined),
    step(root, operation) {
      const { input } = operation;
      const { outcome } = operation;
      const output = outcome === 'done' ? operation.output : undefined;
      const refused = refusalOf(root, input);
      if (refused !== undefined) {
        return output === undefined || isRefusal(output, refused) ? root : undefined;
      }
      if (output !== undefined && !matches(root, input, output, isId)) return undefined;
      const id = output !== undefined && 'id' in output ? output.id : undefined;
      const makes = input.kind === 'create' || input.kind === 'mkdir';
      if (makes && id !== undefined && ids?.givenTwice.has(id) === true) return undefined;
      if (input.kind === 'delete' && ids !== undefined) {
        const node = walk(root, namesOf(input.path));
        if (typeof node !== 'string' && takesFromOthers(node, id, ids)) return undefined;
      }
      return changed(root, input, id);
    },
    equal: areEqual,
    hash: ({ hash }) => hash,
    readsOnly,
    partition: ({ tree }) => tree,
    effect: (operation) =>
      operation.outcome === 'done'
        ? `${call(operation.input)} ${JSON.stringify(operation.output)}`
        : call(operation.input),
    ...(specialize === undefined ? {} : { specialize }),
    fewUnknownFirst: true,
    describe: describeOperation,
    describeState: describeTree,
    stateBytes: ({ inodes }) => STATE_BYTES + INODE_BYTES * inodes,
  };
}

function readsOnly(operation: InodeTreeOperation): boolean {
  const { input } = operation;
  if (input.kind === 'list' || input.kind === 'getStatus') return true;
  if (input.kind === 'rename' && input.source === input.destination) return true;
  return operation.outcome === 'done' && 'error' in operation.output;
}

/** Why the tree refuses a call. Where several things are wrong, the first that this order finds. */
function refusalOf(root: InodeNode, input: InodeTreeInput): InodeTreeRefusal | undefined {
  if (input.kind === 'rename') return renameRefusal(root, input);
  const names = namesOf(input.path);
  const found = walk(root, names);
  if (typeof found === 'string' && found !== 'nothing') return found;
  switch (input.kind) {
    case 'create':
    case 'mkdir':
      return found === 'nothing' ? undefined : 'ALREADY_EXISTS';
    case 'delete':
      if (names.length === 0) return 'ROOT_IMMUTABLE';
      if (found === 'nothing') return 'NOT_FOUND';
      return input.recursive !== true && found.inodes > 1 ? 'DIRECTORY_NOT_EMPTY' : undefined;
    case 'list':
      if (found === 'nothing') return 'NOT_FOUND';
      return found.children === undefined ? 'NOT_A_DIRECTORY' : undefined;
    case 'getStatus':
      return found === 'nothing' ? 'NOT_FOUND' : undefined;
  }
}

function renameRefusal(
  root: InodeNode,
  input: InodeTreeInput & { readonly kind: 'rename' },
): InodeTreeRefusal | undefined {
  const [source, destination] = [namesOf(input.source), namesOf(input.destination)];
  const from = walk(root, source);
  if (typeof from === 'string') return from === 'nothing' ? 'NOT_FOUND' : from;
  if (source.length === 0) return 'ROOT_IMMUTABLE';
  if (from.children !== undefined && isBelow(destination, source)) return 'RENAME_BELOW_ITSELF';
  const to = walk(root, destination);
  if (typeof to === 'string') return to === 'nothing' ? undefined : to;
  if (destination.length === 0) return 'ROOT_IMMUTABLE';
  return to === from && input.source === input.destination ? undefined : 'ALREADY_EXISTS';
}

/**
 * Whether a delete takes away what another delete took by its own path: that could not be placed any more.
 *
 * @param own the id that it was answered; undefined: it was not answered
 */
function takesFromOthers(node: InodeNode, own: number | undefined, ids: Ids): boolean {
  if (node.id !== undefined && node.id !== own && ids.deleted.has(node.id)) return true;
  for (const child of node.children?.values() ?? []) {
    if (takesFromOthers(child, undefined, ids)) return true;
  }
  return false;
}

/** Whether a call that the tree does not refuse can have had its answer. */
function matches(
  root: InodeNode,
  input: InodeTreeInput,
  output: InodeTreeOutput,
  isId: (node: InodeNode, id: number) => boolean,
): boolean {
  if ('error' in output) return false;
  if (input.kind === 'create' || input.kind === 'mkdir') return 'id' in output;
  const node = walk(root, namesOf(input.kind === 'rename' ? input.source : input.path));
  if (typeof node === 'string') return false;
  if ('entries' in output) return areEntries(node, output.entries, isId);
  if (input.kind === 'list' || !isId(node, output.id)) return false;
  return input.kind !== 'getStatus' || ('type' in output && output.type === typeOf(node));
}

function areEntries(
  { children }: InodeNode,
  entries: readonly InodeTreeEntry[],
  isId: (node: InodeNode, id: number) => boolean,
): boolean {
  if (children === undefined || children.size !== entries.length) return false;
  const met = new Set<string>();
  return entries.every(([name, id, type]) => {
    const child = children.get(name);
    if (child === undefined || met.has(name)) return false;
    met.add(name);
    return isId(child, id) && type === typeOf(child);
  });
}

/** The tree after a call that it does not refuse. */
function changed(root: InodeNode, input: InodeTreeInput, id: number | undefined): InodeNode {
  switch (input.kind) {
    case 'create':
      return withNode(root, namesOf(input.path), newNode('file', id));
    case 'mkdir':
      return withNode(root, namesOf(input.path), newNode('directory', id));
    case 'delete':
      return withNode(root, namesOf(input.path), undefined);
    case 'rename': {
      if (input.source === input.destination) return root;
      const source = namesOf(input.source);
      const node = walk(root, source);
      if (typeof node === 'string') return root;
      const without = withNode(root, source, undefined);
      return withNode(without, namesOf(input.destination), node);
    }
    case 'list':
    case 'getStatus':
      return root;
  }
}

function isRefusal(output: InodeTreeOutput, refusal: InodeTreeRefusal): boolean {
  return 'error' in output && output.error === refusal;
}

function idsOf(operations: readonly InodeTreeOperation[]): Ids {
  const given = new Set<number>();
  const givenTwice = new Set<number>();
  const deleted = new Set<number>();
  for (const operation of operations) {
    const { kind } = operation.input;
    if (operation.outcome !== 'done' || !('id' in operation.output)) continue;
    const { id } = operation.output;
    if (kind === 'delete') deleted.add(id);
    if (kind !== 'create' && kind !== 'mkdir') continue;
    if (given.has(id)) givenTwice.add(id);
    given.add(id);
  }
  return { given, givenTwice, deleted };
}

/** Paths come again and again: a history has few. */
const NAMES = new Map<string, Names>();
const MAX_KEPT_PATHS = 10_000;

function namesOf(path: string): Names {
  const known = NAMES.get(path);
  if (known !== undefined) return known;
  const names = path === '/' ? [] : path.slice(1).split('/');
  if (NAMES.size < MAX_KEPT_PATHS) NAMES.set(path, names);
  return names;
}

function call(input: InodeTreeInput): string {
  if (input.kind === 'rename') return `rename ${input.source} to ${input.destination}`;
  const recursive = input.kind === 'delete' && input.recursive === true ? ' recursively' : '';
  return `${input.kind} ${input.path}${recursive}`;
}

function describeOperation(operation: InodeTreeOperation): string {
  const said = call(operation.input);
  return operation.outcome === 'done' ? `${said} → ${describeOutput(operation)}` : said;
}

function describeOutput({ output }: DoneOperation<InodeTreeInput, InodeTreeOutput>): string {
  if ('error' in output) return output.error;
  if ('entries' in output) return listed(output.entries.map(([name, id]) => `${name} (${id})`));
  return 'type' in output ? `${output.type} ${output.id}` : `${output.id}`;
}

function describeTree(root: InodeNode): string {
  return `the tree is ${listed(pathsBelow(root, ''))}`;
}

function listed(texts: readonly string[]): string {
  if (texts.length === 0) return 'empty';
  const told = [...texts].sort().slice(0, MAX_SHOWN_ENTRIES);
  const left = texts.length - told.length;
  return `${told.join(', ')}${left === 0 ? '' : ` and ${left} more`}`;
}

function pathsBelow({ children }: InodeNode, path: string): readonly string[] {
  return [...(children ?? [])].flatMap(([name, child]) => {
    const at = `${path}/${name}`;
    const slash = child.children === undefined ? '' : '/';
    return [`${at}${slash} (${child.id ?? 'id unknown'})`, ...pathsBelow(child, at)];
  });
}
