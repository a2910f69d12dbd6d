import {
  type ApplyContext,
  type DurableStateMachine,
  type FrameworkRow,
  StateMachineError,
  type WireValue,
} from '@raft-ts/statemachine';
import { parseCommand } from '../namespace/operations/command-codec.js';
import type { OperationResult } from '../namespace/operations/operation.js';
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
import { WireError } from '../namespace/wire-error.js';
import type { OrderedRows } from './ordered-rows.js';
import { prefetchCommands, prefetchPaths } from './prefetch.js';
import { FRAMEWORK_ROWS } from './row-keys.js';
import type { StoreCounters } from './store-counters.js';
import { TreeStore, type TreeStoreOptions } from './tree-store.js';

/** Inodes on the heap when nothing else is said. */
const DEFAULT_CACHE_ENTRIES = 200_000;
/** Heap for them, bytes. */
const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
/** The filter of absent names, bytes: ten bits a name, 6.7 million names in new directories. */
const DEFAULT_ABSENCE_FILTER_BYTES = 8 * 1024 * 1024;
/** Rows that one step of reclaiming gives back: some milliseconds of the event loop. */
const RECLAIM_STEP_ENTRIES = 500;

const FRAMEWORK_PAGE_ROWS = 1000;

export interface NamespaceMachineOptions {
  /** The machine closes them. */
  readonly rows: OrderedRows;
  /** Edges in the cache; at least 1. Default 200,000. */
  readonly maxCacheEntries?: number;
  /** Heap for the cache, bytes, as estimated. Default 64 MiB. */
  readonly maxCacheBytes?: number;
  /** Bytes of the filter that knows absent names; a power of two. Default 8 MiB. */
  readonly absenceFilterBytes?: number;
}

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
  readonly #store: TreeStore;

  private constructor(store: TreeStore) {
    this.#store = store;
  }

  /**
   * Opens the tree in these rows; in empty ones it makes the root, the same on every member.
   * Throws InodeAppError DATA_FOREIGN or DATA_CORRUPT when they hold something else.
   */
  static async open(options: NamespaceMachineOptions): Promise<NamespaceMachine> {
    const storeOptions: TreeStoreOptions = {
      maxEntries: options.maxCacheEntries ?? DEFAULT_CACHE_ENTRIES,
      maxBytes: options.maxCacheBytes ?? DEFAULT_CACHE_BYTES,
      absenceFilterBytes: options.absenceFilterBytes ?? DEFAULT_ABSENCE_FILTER_BYTES,
    };
    return new NamespaceMachine(await TreeStore.open(options.rows, storeOptions));
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
    try {
      return parseCommand(value);
    } catch (error) {
      throw refused('INVALID_COMMAND', error);
    }
  }

  parseQuery(value: WireValue): NamespaceQuery {
    try {
      return parseQuery(value);
    } catch (error) {
      throw refused('INVALID_QUERY', error);
    }
  }

  prefetch(commands: readonly NamespaceCommand[]): Promise<void> | undefined {
    return prefetchCommands(this.#store, commands);
  }

  apply(command: NamespaceCommand, context: ApplyContext): WireValue {
    const results: OperationResult[] = [];
    for (const operation of command) {
      results.push(applyOperation(this.#store, operation, context.wallMs));
    }
    return results;
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    this.#store.commit(appliedIndex, rows);
  }

  async *frameworkRows(): AsyncGenerator<{
    readonly key: Uint8Array;
    readonly value: Uint8Array;
  }> {
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
    const reading = prefetchPaths(this.#store, queryPaths(query), signal);
    if (reading !== undefined) await reading;
    return answerQuery(this.#store, query, signal);
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

function refused(code: 'INVALID_COMMAND' | 'INVALID_QUERY', error: unknown): unknown {
  return error instanceof WireError ? new StateMachineError(code, error.message) : error;
}
