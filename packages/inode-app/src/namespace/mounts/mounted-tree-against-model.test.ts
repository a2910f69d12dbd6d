import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isCommitsKey } from '../../store/row-keys.js';
import type { Operation } from '../operations/operation-table.js';
import { byteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import {
  complete,
  create,
  DIRECTORY_FOUND,
  FILE_FOUND,
  MountedMachine,
  mkdir,
  mount,
  remove,
  rename,
  unmount,
} from './mounted-machine.test.support.js';

/** Where things are made: /m and /m/a are mounted now and then, /p never is. */
const POINTS = ['/m', '/m/a'];
const PATHS = ['/m', '/p'].flatMap((top) =>
  ['', '/a', '/b', '/a/a', '/a/b', '/b/a', '/a/a/a'].map((below) => `${top}${below}`),
);
const path = fc.constantFrom(...PATHS);

/** What is begun, and how it ends; a number picks among what is under way. */
type Step =
  | { readonly kind: 'change'; readonly operation: Operation }
  | { readonly kind: 'finish'; readonly pick: number; readonly refused: boolean }
  | { readonly kind: 'move'; readonly pick: number }
  | { readonly kind: 'restart' | 'reclaim' };

const change = (operation: fc.Arbitrary<Operation>) =>
  operation.map((each): Step => ({ kind: 'change', operation: each }));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: change(fc.tuple(path, fc.boolean()).map(([at, deep]) => mkdir(at, deep))),
  },
  { weight: 2, arbitrary: change(path.map((at) => create(at))) },
  { weight: 2, arbitrary: change(path.map((at) => complete(at, 3, 'one'))) },
  {
    weight: 2,
    arbitrary: change(fc.tuple(path, fc.boolean()).map(([at, deep]) => remove(at, deep))),
  },
  { weight: 4, arbitrary: change(fc.tuple(path, path).map(([from, to]) => rename(from, to))) },
  { weight: 1, arbitrary: change(fc.constantFrom(...POINTS).map((at) => mount(at))) },
  {
    weight: 1,
    arbitrary: change(
      fc.tuple(fc.constantFrom(...POINTS), fc.boolean()).map(([at, force]) => unmount(at, force)),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      pick: fc.nat(9),
      refused: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), pick: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'reclaim' as const) }),
  },
);

interface Node {
  readonly type: 'directory' | 'file' | 'incomplete';
  /** The path of the mount that it came with; undefined: none. */
  readonly mount: string | undefined;
}

interface Begun {
  readonly operation: Extract<
    Operation,
    { kind: 'mkdir' | 'create' | 'complete' | 'delete' | 'rename' }
  >;
  readonly mount: string;
  /** Nobody else may be there or below, nor move or remove what leads there. */
  readonly writes: readonly string[];
  /** Of mkdir: what is missing, from the top. */
  readonly missing: readonly string[];
  moved: boolean;
}

/** The tree as paths; changes in mounts in two steps. */
class Model {
  readonly nodes = new Map<string, Node>([['/', { type: 'directory', mount: undefined }]]);
  readonly mounts = new Set<string>();
  readonly begun = new Map<number, Begun>();

  /** `done`, `begun`, or the code of a refusal. */
  do(operation: Operation): string {
    switch (operation.kind) {
      case 'mount':
        return this.#mount(operation.path);
      case 'unmount':
        return this.#unmount(operation.path, operation.force);
      case 'mkdir':
      case 'create':
      case 'complete':
      case 'delete':
      case 'rename':
        return this.#change(operation);
      default:
        throw new Error(`no model of ${operation.kind}`);
    }
  }

  #mount(at: string): string {
    const way = this.#way(at);
    if (way.code !== undefined && !(way.code === 'NOT_FOUND' && way.at === at)) return way.code;
    if (this.mounts.has(at)) return 'done';
    if (this.#begunAlong(at)) return 'LOCKED';
    const there = this.nodes.get(at);
    const isFree =
      there?.type === 'directory' && there.mount === undefined && this.#holdsMountsOnly(at);
    if (there !== undefined && !isFree) return 'ALREADY_EXISTS';
    this.mounts.add(at);
    this.nodes.set(at, { type: 'directory', mount: at });
    return 'done';
  }

  #unmount(at: string, force: boolean): string {
    if (!this.mounts.has(at)) return 'NOT_MOUNTED';
    if ([...this.mounts].some((each) => each !== at && isWithin(each, at))) return 'MOUNT_POINT';
    const intents = [...this.begun].filter(([, { mount: of }]) => of === at);
    if (intents.length > 0 && !force) return 'LOCKED';
    for (const [id] of intents) this.begun.delete(id);
    this.#cut(at);
    this.mounts.delete(at);
    return 'done';
  }

  #change(operation: Begun['operation']): string {
    const [from, to] =
      operation.kind === 'rename' ? [operation.source, operation.destination] : [operation.path];
    const point = this.mountOf(from);
    const isElsewhere = to !== undefined && this.mountOf(to) !== point;
    const isAbove = [...this.mounts].some((each) => each !== from && isWithin(each, from));
    const takes = operation.kind === 'rename' || operation.kind === 'delete';
    if (point === undefined && !isElsewhere) {
      if (takes && isAbove) return 'MOUNT_POINT';
      const code = operation.kind === 'complete' ? 'NOT_MOUNTED' : this.#refusal(operation, false);
      if (code === undefined) this.#carryOut(operation, undefined, this.#missing(from));
      return code === 'nothing' || code === undefined ? 'done' : code;
    }
    if (takes && (from === point || isAbove)) return 'MOUNT_POINT';
    if (isElsewhere || point === undefined) return 'MOUNTS_CROSSED';
    const refusal = this.#refusal(operation, true);
    if (refusal !== undefined) return refusal === 'nothing' ? 'done' : refusal;
    const missing = this.#missing(from);
    const first = operation.kind === 'mkdir' ? (missing[0] ?? from) : from;
    const writes = to === undefined ? [first] : [first, to];
    const inTheWay = [...this.begun.values()].some((each) =>
      each.writes.some((one) => writes.some((two) => isWithin(one, two) || isWithin(two, one))),
    );
    if (inTheWay) return 'LOCKED';
    this.#next = { operation, mount: point, writes, missing, moved: false };
    return 'begun';
  }

  #next: Begun | undefined;

  began(id: number): void {
    if (this.#next !== undefined) this.begun.set(id, this.#next);
  }

  /** Why a change can't be; `nothing`: there is nothing to do. */
  #refusal(operation: Begun['operation'], isMounted: boolean): string | undefined {
    if (operation.kind === 'rename') return this.#renameRefusal(operation, isMounted);
    const { path: at, kind } = operation;
    const way = this.#way(at);
    const there = this.nodes.get(at);
    if (kind === 'mkdir' && operation.parents) {
      if (way.code === 'NOT_A_DIRECTORY') return way.code;
      if (way.code === undefined) return there?.type === 'directory' ? 'nothing' : 'ALREADY_EXISTS';
      return undefined;
    }
    if (kind === 'mkdir' || kind === 'create') {
      if (way.code === undefined) return 'ALREADY_EXISTS';
      return way.code === 'NOT_FOUND' && way.at === at ? undefined : way.code;
    }
    if (way.code !== undefined) return way.code;
    if (kind === 'complete') {
      if (there?.type === 'directory') return 'IS_A_DIRECTORY';
      return there?.type === 'incomplete' ? undefined : 'nothing';
    }
    return this.#isEmpty(at) || operation.recursive ? undefined : 'DIRECTORY_NOT_EMPTY';
  }

  #renameRefusal(
    { source, destination }: Extract<Operation, { kind: 'rename' }>,
    isMounted: boolean,
  ): string | undefined {
    const from = this.#way(source);
    if (from.code !== undefined) return from.code;
    const there = this.nodes.get(source);
    if (there?.type === 'directory' && destination !== source && isWithin(destination, source)) {
      return 'RENAME_BELOW_ITSELF';
    }
    const to = this.#way(destination);
    if (source === destination) return 'nothing';
    if (to.code === undefined) return 'ALREADY_EXISTS';
    if (to.code !== 'NOT_FOUND' || to.at !== destination) return to.code;
    return isMounted && there?.type === 'incomplete' ? 'FILE_INCOMPLETE' : undefined;
  }

  /** Ends what was begun; refused: nothing came of it in the storage. */
  finish(id: number, isRefused: boolean): void {
    const begun = this.begun.get(id);
    this.begun.delete(id);
    if (begun === undefined || isRefused || begun.moved) return;
    this.#carryOut(begun.operation, begun.mount, begun.missing);
  }

  move(id: number): void {
    const begun = this.begun.get(id);
    if (begun?.operation.kind !== 'rename' || begun.moved) return;
    this.#carryOut(begun.operation, begun.mount, []);
    begun.moved = true;
  }

  #carryOut(
    operation: Begun['operation'],
    point: string | undefined,
    missing: readonly string[],
  ): void {
    const of = { mount: point };
    if (operation.kind === 'mkdir') {
      for (const each of missing) this.nodes.set(each, { type: 'directory', ...of });
    } else if (operation.kind === 'create') {
      const type = point === undefined ? 'file' : 'incomplete';
      this.nodes.set(operation.path, { type, ...of });
    } else if (operation.kind === 'complete') {
      this.nodes.set(operation.path, { type: 'file', ...of });
    } else if (operation.kind === 'delete') this.#cut(operation.path);
    else {
      const { source, destination } = operation;
      for (const [each, node] of [...this.nodes]) {
        if (!isWithin(each, source)) continue;
        this.nodes.delete(each);
        this.nodes.set(destination + each.slice(source.length), node);
      }
    }
  }

  #cut(at: string): void {
    for (const each of [...this.nodes.keys()]) if (isWithin(each, at)) this.nodes.delete(each);
  }

  #holdsMountsOnly(at: string): boolean {
    const within = [...this.nodes.keys()].filter((each) => each !== at && isWithin(each, at));
    return within.every((each) =>
      [...this.mounts].some((point) => isWithin(each, point) && point !== at),
    );
  }

  #isEmpty(at: string): boolean {
    return ![...this.nodes.keys()].some((each) => each !== at && isWithin(each, at));
  }

  #begunAlong(at: string): boolean {
    return [...this.begun.values()].some(({ operation, writes }) => {
      if (writes.includes(at)) return true;
      const changed =
        operation.kind === 'rename' ? [operation.source, operation.destination] : [operation.path];
      return changed.some((each) => isWithin(at, each));
    });
  }

  /** Why a path leads to nothing, and where it ends. */
  #way(at: string): { readonly code?: string; readonly at: string } {
    for (const above of [...ancestors(at), at]) {
      const node = this.nodes.get(above);
      if (node === undefined) return { code: 'NOT_FOUND', at: above };
      if (above !== at && node.type !== 'directory') return { code: 'NOT_A_DIRECTORY', at: above };
    }
    return { at };
  }

  #missing(at: string): readonly string[] {
    return [...ancestors(at), at].filter((each) => !this.nodes.has(each));
  }

  mountOf(at: string): string | undefined {
    return [at, ...ancestors(at).toReversed()].find((each) => this.mounts.has(each));
  }
}

function ancestors(at: string): readonly string[] {
  const names = at.split('/').slice(1, -1);
  return ['/', ...names.map((_, end) => `/${names.slice(0, end + 1).join('/')}`)];
}

function isWithin(at: string, above: string): boolean {
  return at === above || at.startsWith(`${above}/`);
}

/** What the machine has where the model has something, or may have had, as the model has it. */
function treeOf(tree: MountedMachine, model: Model): ReadonlyMap<string, Node> {
  const points = new Map(Array.from(tree.mounts.all(), ({ id, path: at }) => [id, `${at}`]));
  const found = new Map<string, Node>();
  for (const at of new Set(['/', ...PATHS, ...model.nodes.keys()])) {
    const inode = tree.inode(at);
    if (inode === undefined) continue;
    const isWhole = inode.mounted?.complete !== false;
    const file = isWhole ? ('file' as const) : ('incomplete' as const);
    const type = inode.type === InodeType.Directory ? ('directory' as const) : file;
    found.set(at, { type, mount: inode.mounted && points.get(inode.mounted.mount) });
  }
  return found;
}

function take({ model, machines }: Run, next: Step): void {
  const pick = <Key>(keys: Iterable<Key>, at: number) => {
    const all = [...keys];
    return all[at % Math.max(1, all.length)];
  };
  const [machine] = machines;
  const both = (operation: Operation) => {
    const results = machines.map((each) => each.apply(operation));
    expect(results[1]).toStrictEqual(results[0]);
    return results[0] ?? 0;
  };
  if (next.kind === 'change') {
    const expected = model.do(next.operation);
    const result = both(next.operation);
    const code = typeof result === 'number' ? 'done' : result[0] === 'BEGUN' ? 'begun' : result[0];
    expect([next.operation.kind, code]).toEqual([next.operation.kind, expected]);
    if (code === 'begun') model.began(Number((result as readonly unknown[])[1]));
    return;
  }
  const id = 'pick' in next ? pick(model.begun.keys(), next.pick) : undefined;
  if (id === undefined) return;
  const { epoch } = machine.mounts;
  if (next.kind === 'move') {
    both({ kind: 'moveIntent', intent: id, epoch });
    model.move(id);
  } else if (next.kind === 'finish') {
    const begun = model.begun.get(id);
    const made = (begun?.missing ?? []).map(() => DIRECTORY_FOUND);
    const found = begun?.operation.kind === 'complete' ? [FILE_FOUND] : made;
    const refusal = next.refused ? failure('STORAGE_FORBIDDEN', byteString('/')) : undefined;
    both({ kind: 'finishIntent', intent: id, epoch, found: next.refused ? [] : found, refusal });
    model.finish(id, next.refused);
  }
}

interface Run {
  readonly model: Model;
  /** One lives on, the other is opened anew now and then. */
  readonly machines: readonly [MountedMachine, MountedMachine];
}

it('a tree with mounts does what its model does, whatever is under way, and after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const run: Run = {
        model: new Model(),
        machines: [await MountedMachine.open(), await MountedMachine.open()],
      };
      const [living, restarted] = run.machines;
      for (const at of ['/p', '/m']) {
        for (const each of run.machines) each.apply(at === '/m' ? mount(at) : mkdir(at));
        run.model.do(at === '/m' ? mount(at) : mkdir(at));
      }
      for (const next of steps) {
        if (next.kind === 'restart') await restarted.reopen();
        else if (next.kind === 'reclaim') for (const each of run.machines) each.reclaimAll();
        else take(run, next);
        expect(treeOf(living, run.model)).toEqual(run.model.nodes);
        expect([...living.mounts.intents.keys()]).toEqual([...run.model.begun.keys()]);
      }
      for (const each of run.machines) expect(await each.problems()).toEqual([]);
      const rows = run.machines.map((each) =>
        each.rows.dump().filter(([key]) => !isCommitsKey(key)),
      );
      expect(rows[1]).toEqual(rows[0]);
      for (const each of run.machines) {
        each.reclaimAll();
        expect(await each.problems()).toEqual([]);
        const ids = new Set(Array.from(each.mounts.all(), ({ id }) => id));
        expect([...each.mounts.countedMounts].every((id) => ids.has(id))).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
