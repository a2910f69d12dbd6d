import { decodeValue, encodeValue, type WireValue } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import type { DurableStateMachine, FrameworkRow } from './durable-state-machine.js';

/** Bytes of a key at most, in UTF-8. */
export const MAX_KEY_BYTES = 1024;
/** Entries in one answer at most. */
export const MAX_LIST_ENTRIES = 1000;

/** `put` and `delete` return the value before, `add` the sum, `compare-and-set` whether it did. */
export type KeyValueCommand =
  | readonly ['put', key: string, value: WireValue]
  | readonly ['delete', key: string]
  /** Adds to a number; an absent one counts as 0. */
  | readonly ['add', key: string, by: number]
  /** Puts `value` if `expected` is there (null: nothing). Both are numbers, strings, booleans or null. */
  | readonly ['compare-and-set', key: string, expected: WireValue, value: WireValue];

/** `get` returns the value or null; `list` pairs in order of their keys, those above `after`. */
export type KeyValueQuery =
  | readonly ['get', key: string]
  | readonly ['list', after: string, limit: number];

const APPLIED_KEY = 'a';
const FRAMEWORK_PREFIX = 'f';
const VALUE_PREFIX = 'v';

/** What a machine has committed, by key: it stands for a disk. Keys are bytes as characters. */
export type KeyValueRows = Map<string, Uint8Array>;

/**
 * A small key-value store: for tests, examples and simulations. Its rows are in memory: what it
 * holds survives a restart of the machine on the same rows, and no restart of the process. A
 * machine like that must not run on a log that does outlive the process.
 */
export class KeyValueMachine implements DurableStateMachine<KeyValueCommand, KeyValueQuery> {
  readonly #rows: KeyValueRows;
  /** Applied, not committed; undefined for deleted. */
  readonly #changes = new Map<string, Uint8Array | undefined>();

  constructor(rows: KeyValueRows = new Map()) {
    this.#rows = rows;
  }

  get appliedIndex(): number {
    const applied = this.#rows.get(APPLIED_KEY);
    return applied === undefined ? 0 : Number(decodeValue(applied));
  }

  parseCommand(value: WireValue): KeyValueCommand {
    const fields: readonly WireValue[] = Array.isArray(value) ? value : [];
    const [kind, key, first, second] = fields;
    if (isKey(key)) {
      if (kind === 'put' && fields.length === 3) return [kind, key, first];
      if (kind === 'delete' && fields.length === 2) return [kind, key];
      if (kind === 'add' && fields.length === 3 && isWhole(first)) return [kind, key, first];
      if (kind === 'compare-and-set' && fields.length === 4) return [kind, key, first, second];
    }
    throw new StateMachineError('INVALID_COMMAND', 'no command of a key-value machine');
  }

  parseQuery(value: WireValue): KeyValueQuery {
    const fields: readonly WireValue[] = Array.isArray(value) ? value : [];
    const [kind, key, limit] = fields;
    if (isKey(key)) {
      if (kind === 'get' && fields.length === 2) return [kind, key];
      if (kind === 'list' && fields.length === 3 && isWhole(limit)) return [kind, key, limit];
    }
    throw new StateMachineError('INVALID_QUERY', 'no query of a key-value machine');
  }

  prefetch(): undefined {
    return undefined;
  }

  apply(command: KeyValueCommand): WireValue {
    const [kind, key] = command;
    const before = this.#get(key);
    switch (kind) {
      case 'put':
        this.#put(key, command[2]);
        return before;
      case 'delete':
        this.#changes.set(rowKey(key), undefined);
        return before;
      case 'add': {
        const sum = (typeof before === 'number' ? before : 0) + command[2];
        this.#put(key, sum);
        return sum;
      }
      case 'compare-and-set': {
        const same = before === command[2];
        if (same) this.#put(key, command[3]);
        return same;
      }
    }
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    const written = [
      ...this.#changes,
      ...rows.map(({ key, value }) => [`${FRAMEWORK_PREFIX}${asText(key)}`, value] as const),
      [APPLIED_KEY, encodeValue(appliedIndex)] as const,
    ];
    for (const [key, value] of written) {
      if (value === undefined) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
    this.#changes.clear();
  }

  async flush(): Promise<number> {
    return this.appliedIndex;
  }

  async *frameworkRows(): AsyncGenerator<{
    readonly key: Uint8Array;
    readonly value: Uint8Array;
  }> {
    for (const [key, value] of this.#list(FRAMEWORK_PREFIX)) {
      yield { key: Buffer.from(key.slice(1), 'latin1'), value };
    }
  }

  async query(query: KeyValueQuery): Promise<WireValue> {
    if (query[0] === 'get') return this.#get(query[1]);
    const limit = Math.max(0, Math.min(query[2], MAX_LIST_ENTRIES));
    const rows = this.#list(VALUE_PREFIX, rowKey(query[1])).slice(0, limit);
    return rows.map(([key, value]) => [
      Buffer.from(key.slice(1), 'latin1').toString(),
      decodeValue(value),
    ]);
  }

  pendingWork(): undefined {
    return undefined;
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #get(key: string): WireValue {
    const row = rowKey(key);
    const value = this.#changes.has(row) ? this.#changes.get(row) : this.#rows.get(row);
    return value === undefined ? null : decodeValue(value);
  }

  /** Rows whose key begins with `prefix` and is above `after`, in order. */
  #list(prefix: string, after: string = ''): (readonly [string, Uint8Array])[] {
    const found = [...this.#rows].filter(([key]) => key.startsWith(prefix) && key > after);
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #put(key: string, value: WireValue): void {
    this.#changes.set(rowKey(key), encodeValue(value));
  }
}

function isWhole(value: WireValue): value is number {
  return Number.isSafeInteger(value);
}

function isKey(key: WireValue): key is string {
  return typeof key === 'string' && Buffer.byteLength(key) <= MAX_KEY_BYTES;
}

function rowKey(key: string): string {
  return `${VALUE_PREFIX}${asText(Buffer.from(key))}`;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
