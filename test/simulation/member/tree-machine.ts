import {
  type ApplyContext,
  type DurableStateMachine,
  type FrameworkRow,
  StateMachineError,
  type WireValue,
} from '@raft-ts/statemachine';
import {
  type ByteString,
  byteString,
  encodeCommand,
  type MountedTree,
  type NamespaceCommand,
  NamespaceMachine,
  type NamespaceQuery,
  NO_ATTRIBUTES,
  type Operation,
} from 'inode-app/store';
import type { AppendResult, ReadResult } from '../client/history.js';
import type { Random } from '../random.js';
import type { EffectWatcher } from './list-machine.js';
import type { ListStore } from './list-store.js';

/** Bytes of the filter of absent names: small, because every start makes one. */
const ABSENCE_FILTER_BYTES = 1024;
const ROOT: NamespaceQuery = {
  kind: 'list',
  path: byteString('/'),
  after: byteString(''),
  limit: 100,
};

/** What one append does beside appending; without a value it is about the tree alone. */
export interface TreeCommand {
  readonly value: string;
  readonly operations: NamespaceCommand;
}

/** Null asks for the list. */
export type TreeQuery = NamespaceQuery | null;

/**
 * The real namespace with the list beside it: each value comes with operations on the tree, and
 * their results go into the list's hash, so that members that disagree on one are noticed.
 */
export class TreeMachine implements DurableStateMachine<TreeCommand, TreeQuery> {
  readonly #store: ListStore;
  #tree: NamespaceMachine;
  readonly #maxCacheEntries: number;
  readonly #onEffect: EffectWatcher;
  readonly flush: () => Promise<number>;

  private constructor(
    store: ListStore,
    tree: NamespaceMachine,
    maxCacheEntries: number,
    flush: () => Promise<number>,
    onEffect: EffectWatcher,
  ) {
    this.#store = store;
    this.flush = flush;
    this.#tree = tree;
    this.#maxCacheEntries = maxCacheEntries;
    this.#onEffect = onEffect;
  }

  static async open(
    store: ListStore,
    maxCacheEntries: number,
    flush: () => Promise<number>,
    onEffect: EffectWatcher,
  ): Promise<TreeMachine> {
    const tree = await openTree(store, maxCacheEntries);
    return new TreeMachine(store, tree, maxCacheEntries, flush, onEffect);
  }

  /** `replace` puts other rows in the place of those that are read here. */
  async reopen(replace: () => Promise<void>): Promise<void> {
    await this.#tree.close();
    await replace();
    this.#tree = await openTree(this.#store, this.#maxCacheEntries);
  }

  get appliedIndex(): number {
    return this.#tree.appliedIndex;
  }

  parseCommand(wire: unknown): TreeCommand {
    if (!Array.isArray(wire) || typeof wire[0] !== 'string') {
      throw new StateMachineError('INVALID_COMMAND', 'a command is a value and operations');
    }
    return { value: wire[0], operations: this.#tree.parseCommand(wire[1]) };
  }

  parseQuery(wire: WireValue): TreeQuery {
    return wire === null ? null : this.#tree.parseQuery(wire);
  }

  /** The tree as it is now. */
  get mounted(): MountedTree {
    return this.#tree.tree;
  }

  prefetch(commands: readonly TreeCommand[]): Promise<void> | undefined {
    return this.#tree.prefetch(commands.map(({ operations }) => operations));
  }

  apply({ value, operations }: TreeCommand, context: ApplyContext): AppendResult | WireValue {
    const results = this.#tree.apply(operations, context);
    if (value === '') return results;
    this.#store.append(value, JSON.stringify(results));
    this.#onEffect(context.index, value, context);
    return { length: this.#store.values.length };
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    this.#tree.commit(appliedIndex, rows);
    this.#store.commit(appliedIndex);
  }

  frameworkRows(): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
    return this.#tree.frameworkRows();
  }

  async query(query: TreeQuery, signal?: AbortSignal): Promise<ReadResult | WireValue> {
    if (query !== null) return await this.#tree.query(query, signal);
    await this.#tree.query(ROOT, signal);
    return { length: this.#store.values.length, hash: this.#store.hash };
  }

  pendingWork(): WireValue {
    const work = this.#tree.pendingWork();
    return work === undefined ? undefined : ['', work];
  }

  close(): Promise<void> {
    return this.#tree.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function openTree(store: ListStore, maxCacheEntries: number): Promise<NamespaceMachine> {
  const tree = await NamespaceMachine.open({
    rows: store.tree,
    maxCacheEntries,
    absenceFilterBytes: ABSENCE_FILTER_BYTES,
  });
  store.flush();
  return tree;
}

/** The wire form of a command that appends `value` and changes the tree somewhere. */
export function drawTreeCommand(random: Random, value: string): WireValue {
  const operations = Array.from({ length: random.integer(1, 3) }, () => drawOperation(random));
  return [value, encodeCommand(operations)];
}

/** Few names, so that paths meet. */
function drawPath(random: Random): ByteString {
  const names = Array.from({ length: random.integer(1, 3) }, () => random.pick(['a', 'b', 'c']));
  return byteString(`/${names.join('/')}`);
}

function drawOperation(random: Random): Operation {
  const path = drawPath(random);
  const attributes = NO_ATTRIBUTES;
  switch (random.integer(0, 6)) {
    case 0:
    case 1:
      return { kind: 'mkdir', path, parents: random.chance(0.5), attributes };
    case 2:
      return { kind: 'create', path, attributes };
    case 3:
      return { kind: 'symlink', path, target: drawPath(random), attributes };
    case 4:
      return { kind: 'rename', source: path, destination: drawPath(random) };
    case 5:
      return { kind: 'delete', path, recursive: random.chance(0.5) };
    default: {
      const mode = random.integer(0, 0o777);
      return { kind: 'setAttribute', path, attributes: { ...attributes, mode } };
    }
  }
}
