import type { Clock } from '@raft-ts/net';
import {
  type ApplyContext,
  type DurableStateMachine,
  decodeRecords,
  encodeRecords,
  type FrameworkRow,
  type InMemoryMachine,
  type InMemoryStateMachine,
  SnapshotMap,
  StateMachineError,
  type WireValue,
} from '@raft-ts/statemachine';
import type { AppendResult, ReadResult } from '../client/history.js';
import type { EffectWatcher } from './list-machine.js';
import { extendHash, type ListCopy, type ListStore } from './list-store.js';

/** The record that says how long the list is, and its hash: it changes with each value. */
const SUMMARY = 'summary';

/** Records that are read together as a snapshot is made. */
const PAGE_RECORDS = 10;

/**
 * The list as a state machine in memory of the framework. What it holds is in `store` for those who look at
 * it from outside.
 */
export class MemoryList implements InMemoryStateMachine<string, null> {
  readonly #store: ListStore;
  readonly #clock: Clock;
  readonly #pageMs: number;
  readonly #onEffect: EffectWatcher;
  readonly #records = new SnapshotMap<number | typeof SUMMARY, string>();

  constructor(store: ListStore, clock: Clock, pageMs: number, onEffect: EffectWatcher) {
    this.#store = store;
    this.#clock = clock;
    this.#pageMs = pageMs;
    this.#onEffect = onEffect;
  }

  parseCommand(value: unknown): string {
    if (typeof value === 'string') return value;
    throw new StateMachineError('INVALID_COMMAND', 'a command is a string');
  }

  parseQuery(value: unknown): null {
    if (value === null) return null;
    throw new StateMachineError('INVALID_QUERY', 'the query is null');
  }

  apply(value: string, context: ApplyContext): AppendResult {
    const before = this.#store.values.length;
    this.#store.append(value);
    const { length } = this.#store.values;
    // Twice where the machine goes wrong.
    for (let number = before + 1; number <= length; number++) this.#records.set(number, value);
    this.#records.set(SUMMARY, `${length} ${this.#store.hash}`);
    this.#onEffect(context.index, value, context);
    return { length };
  }

  query(): ReadResult {
    return { length: this.#store.values.length, hash: this.#store.hash };
  }

  async *snapshot(): AsyncGenerator<Uint8Array> {
    let page: WireValue[] = [];
    for (const [key, value] of this.#records.moment()) {
      page.push([key, value]);
      if (page.length < PAGE_RECORDS) continue;
      yield* encodeRecords(page);
      page = [];
      await new Promise<void>((resolve) => this.#clock.after(this.#pageMs, resolve));
    }
    yield* encodeRecords(page);
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const records: WireValue[] = [];
    this.#records.clear();
    for await (const record of decodeRecords(chunks)) {
      records.push(record);
      const [key, value] = keyAndValue(record);
      this.#records.set(key === SUMMARY ? SUMMARY : Number(key), value);
    }
    const list = listOfRecords(records);
    this.#store.replace({ ...list, appliedIndex: 0, appliedTerm: 0, rows: new Map(), tree: [] });
  }
}

/** The list that a snapshot's records are. Throws a TypeError where it is not what they say that it is. */
export function listOfRecords(
  records: readonly (WireValue | undefined)[],
): Pick<ListCopy, 'values' | 'hashes'> {
  const values: string[] = [];
  const hashes = [0];
  let summary = `0 0`;
  for (const record of records) {
    const [key, value] = keyAndValue(record);
    if (key === SUMMARY) summary = value;
    else values[Number(key) - 1] = value;
  }
  for (const value of values) hashes.push(extendHash(hashes.at(-1) ?? 0, `${value} `));
  if (summary === `${values.length} ${hashes.at(-1)}`) return { values, hashes };
  throw new TypeError(`a snapshot has ${values.length} values, and says that it has ${summary}`);
}

function keyAndValue(record: WireValue | undefined): readonly [key: WireValue, value: string] {
  const [key = null, value]: readonly WireValue[] = Array.isArray(record) ? record : [];
  if (typeof value === 'string') return [key, value];
  throw new TypeError('a record is a key and a text');
}

/** What a service runs: the framework's machine, with what it holds told to `store`. */
export class WatchedMemoryMachine implements DurableStateMachine<string, null> {
  readonly #machine: InMemoryMachine<string, null>;
  readonly #store: ListStore;
  readonly parseCommand: (value: unknown) => string;

  constructor(machine: InMemoryMachine<string, null>, store: ListStore) {
    this.#machine = machine;
    this.#store = store;
    this.parseCommand = (value) => machine.parseCommand(value as WireValue);
  }

  /** The machine has taken a whole state from a snapshot: all of it is durable. */
  async restored(): Promise<void> {
    const rows: FrameworkRow[] = [];
    for await (const row of this.#machine.frameworkRows()) rows.push(row);
    this.#store.commit(this.#machine.appliedIndex, rows);
    this.#store.flush();
  }

  get appliedIndex(): number {
    return this.#machine.appliedIndex;
  }

  parseQuery(value: WireValue): null {
    return this.#machine.parseQuery(value);
  }

  prefetch(): undefined {
    return this.#machine.prefetch();
  }

  apply(command: string, context: ApplyContext): WireValue {
    return this.#machine.apply(command, context);
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    this.#machine.commit(appliedIndex, rows);
    this.#store.commit(appliedIndex, rows);
  }

  async flush(): Promise<number> {
    const index = await this.#machine.flush();
    this.#store.flushTo(index);
    return index;
  }

  frameworkRows(): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
    return this.#machine.frameworkRows();
  }

  query(query: null, signal?: AbortSignal): Promise<WireValue> {
    return this.#machine.query(query, signal);
  }

  pendingWork(): undefined {
    return this.#machine.pendingWork();
  }

  close(): Promise<void> {
    return this.#machine.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
