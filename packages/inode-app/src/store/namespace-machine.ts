import { observe } from '@raft-ts/net';
import {
  callback,
  completeOptions,
  type OptionsForm,
  optional,
  wholeNumber,
  withMethods,
} from '@raft-ts/net/options';
import {
  type ApplyContext,
  type DurableStateMachine,
  type FrameworkRow,
  StateMachineError,
  type WireValue,
} from '@raft-ts/statemachine';
import { invariant } from 'raft-ts/core';
import { argumentInvalid } from '../errors.js';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import { parseCommand } from '../namespace/operations/command-codec.js';
import {
  applyOperation,
  encodeOperation,
  type NamespaceCommand,
} from '../namespace/operations/operation-table.js';
import {
  answerQuery,
  type NamespaceQuery,
  parseQuery,
  type QueryAnswer,
  queryPaths,
} from '../namespace/queries/query-table.js';
import { WireError } from '../namespace/wire-fields.js';
import { mountedView } from './mounted-view.js';
import type { OrderedRows, Row } from './ordered-rows.js';
import { prefetchCommands, prefetchPaths } from './prefetch.js';
import { FRAMEWORK_ROWS } from './row-keys.js';
import type { StoreCounters } from './store-counters.js';
import { isTreeDamage } from './tree-damage.js';
import { TreeStore, type TreeStoreOptions } from './tree-store.js';

/** Inodes on the heap when nothing else is said. */
const DEFAULT_CACHE_ENTRIES = 200_000;
/** Heap for them, bytes. */
const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
/** The filter of absent names, bytes: ten bits a name, 6.7 million names in new directories. */
const DEFAULT_ABSENCE_FILTER_BYTES = 8 * 1024 * 1024;
/** An array of bytes may be so long. */
const MAX_ABSENCE_FILTER_BYTES = 2 ** 30;
/** Rows that one step of reclaiming gives back: some milliseconds of the event loop. */
const RECLAIM_STEP_ENTRIES = 500;

const FRAMEWORK_PAGE_ROWS = 1000;

/** By default 200,000 edges in 64 MiB of the heap, and 8 MiB for the filter of absent names. */
export interface NamespaceMachineOptions extends Partial<TreeStoreOptions> {
  /** The machine closes them. */
  readonly rows: OrderedRows;
  /** Told when a query finds the rows damaged; what is applied throws it. */
  readonly onDamage?: (error: Error) => void;
}

const defaults: TreeStoreOptions = {
  maxCacheEntries: DEFAULT_CACHE_ENTRIES,
  maxCacheBytes: DEFAULT_CACHE_BYTES,
  absenceFilterBytes: DEFAULT_ABSENCE_FILTER_BYTES,
};

export const machineOptionsForm: OptionsForm<NamespaceMachineOptions, TreeStoreOptions> = {
  fields: {
    rows: withMethods('getManySync', 'getMany', 'batch', 'range', 'sync', 'close'),
    onDamage: optional(callback()),
    maxCacheEntries: wholeNumber(1),
    maxCacheBytes: wholeNumber(1),
    absenceFilterBytes: wholeNumber(64, MAX_ABSENCE_FILTER_BYTES),
  },
  defaults,
  rules: ({ absenceFilterBytes }) =>
    Number.isInteger(Math.log2(absenceFilterBytes))
      ? []
      : [`absenceFilterBytes must be a power of two, not ${absenceFilterBytes}`],
};

/** What the machine holds, for status and metrics. */
export interface NamespaceStatistics {
  readonly directories: number;
  readonly files: number;
  readonly symbolicLinks: number;
  /** Whether these still count inodes of deleted directories. */
  readonly reclaiming: boolean;
  readonly cachedEntries: number;
  /** Estimated. */
  readonly cachedBytes: number;
  readonly store: Readonly<StoreCounters>;
}

/** The file-system namespace as a replicated state machine, kept in rows. */
export class NamespaceMachine implements DurableStateMachine<NamespaceCommand, NamespaceQuery> {
  #store: TreeStore;
  #view: MountedTree;
  readonly #options: TreeStoreOptions;
  readonly #onDamage: ((error: Error) => void) | undefined;
  /** Resolves when another tree has taken the place of this one. */
  #replacing: Promise<void> | undefined;

  private constructor(store: TreeStore, options: NamespaceMachineOptions & TreeStoreOptions) {
    this.#store = store;
    this.#view = mountedView(store);
    this.#options = options;
    this.#onDamage = options.onDamage;
  }

  /**
   * Opens the tree in these rows; in empty ones it makes the root, the same on every member.
   * Rejects with InodeAppError ARGUMENT_INVALID, and DATA_FOREIGN or DATA_CORRUPT when they hold something
   * else.
   */
  static async open(given: NamespaceMachineOptions): Promise<NamespaceMachine> {
    const options = completeOptions(machineOptionsForm, given, argumentInvalid);
    return new NamespaceMachine(await TreeStore.open(options.rows, options), options);
  }

  /**
   * Closes the rows, and goes on with the tree in those that `open` gives then: nothing of the former one
   * counts any more. Call it while nothing is applied. Meanwhile queries, also those under way, fail in a
   * way that sends their clients to another member. After a rejection only `close` may be called.
   */
  async replaceRows(open: () => Promise<OrderedRows>): Promise<void> {
    invariant(this.#replacing === undefined, 'the tree is being replaced already');
    const replacing = this.#replaceRows(open);
    this.#replacing = replacing.catch(() => {});
    await replacing;
    this.#replacing = undefined;
  }

  async #replaceRows(open: () => Promise<OrderedRows>): Promise<void> {
    const { observer } = this.#store.mounts;
    await this.#store.rows.close();
    const rows = await open();
    try {
      this.#store = await TreeStore.open(rows, this.#options);
      this.#store.mounts.observer = observer;
      this.#view = mountedView(this.#store);
    } catch (error) {
      await rows.close();
      throw error;
    }
  }

  /** The tree as it is now, for what is mounted in it. */
  get tree(): MountedTree {
    return this.#view;
  }

  get appliedIndex(): number {
    return this.#store.appliedIndex;
  }

  statistics(): NamespaceStatistics {
    const store = this.#store;
    const [directories, files, symbolicLinks] = store.counts;
    return {
      directories,
      files,
      symbolicLinks,
      reclaiming: !store.trashEmpty,
      cachedEntries: store.cachedEntries,
      cachedBytes: store.cachedBytes,
      store: { ...store.counters },
    };
  }

  parseCommand(value: WireValue): NamespaceCommand {
    return parsed('INVALID_COMMAND', () => parseCommand(value));
  }

  parseQuery(value: WireValue): NamespaceQuery {
    return parsed('INVALID_QUERY', () => parseQuery(value));
  }

  prefetch(commands: readonly NamespaceCommand[]): Promise<void> | undefined {
    const store = this.#store;
    if (this.#replacing !== undefined) return undefined;
    return prefetchCommands(store, commands)?.catch((error: unknown) => {
      // What is applied finds nothing fetched in the other tree, and reads it.
      if (!this.#isReplaced(store)) throw error;
    });
  }

  #isReplaced(store: TreeStore): boolean {
    return this.#replacing !== undefined || this.#store !== store;
  }

  apply(command: NamespaceCommand, context: ApplyContext): WireValue {
    const alone = command.length === 1;
    return command.map((operation) =>
      applyOperation(this.#store, operation, context.wallMs, alone),
    );
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    this.#store.commit(appliedIndex, rows);
  }

  async flush(): Promise<number> {
    if (this.#replacing !== undefined) await this.#replacing;
    return await this.#store.flush();
  }

  async *frameworkRows(): AsyncGenerator<Row> {
    const range = this.#store.rows.range({ ...FRAMEWORK_ROWS, pageRows: FRAMEWORK_PAGE_ROWS });
    try {
      while (!range.finished) {
        for (const { key, value } of await range.nextPage()) yield { key: key.subarray(1), value };
      }
    } finally {
      range.close();
    }
  }

  async query(query: NamespaceQuery, signal?: AbortSignal): Promise<QueryAnswer> {
    signal?.throwIfAborted();
    const store = this.#store;
    if (this.#replacing !== undefined) throw treeReplaced();
    try {
      const reading = prefetchPaths(store, queryPaths(query), signal);
      if (reading !== undefined) await reading;
      return await answerQuery(store, query, signal);
    } catch (error) {
      if (this.#isReplaced(store)) throw treeReplaced();
      if (!isTreeDamage(error)) throw error;
      observe(this.#onDamage, error);
      // Others can answer.
      throw new StateMachineError('STOPPED', error.message);
    }
  }

  pendingWork(): WireValue | undefined {
    if (this.#store.trashEmpty) return undefined;
    return [encodeOperation({ kind: 'reclaim', maxEntries: RECLAIM_STEP_ENTRIES })];
  }

  close(): Promise<void> {
    return this.#store.rows.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Others can answer. */
function treeReplaced(): StateMachineError {
  return new StateMachineError(
    'UNAVAILABLE',
    'this member takes the state of another one: ask another member, or again in a moment',
  );
}

/** What `parse` makes of a value; the form that it lacks is the client's fault. */
function parsed<T>(code: 'INVALID_COMMAND' | 'INVALID_QUERY', parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof WireError ? new StateMachineError(code, error.message) : error;
  }
}
