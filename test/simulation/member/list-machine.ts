import {
  type ApplyContext,
  type DurableStateMachine,
  type FrameworkRow,
  StateMachineError,
} from '@raft-ts/statemachine';
import type { AppendResult, ReadResult } from '../client/history.js';
import type { EntryTimes } from '../property.js';
import type { ListStore } from './list-store.js';

/** Told of each value as it takes effect, with the index of its entry and its times, if it has any. */
export type EffectWatcher = (index: number, value: string, times: EntryTimes | undefined) => void;

/** The list as a state machine of the framework. A command is a value; the query is null. */
export class ListMachine implements DurableStateMachine<string, null> {
  readonly #store: ListStore;
  readonly #onEffect: EffectWatcher;
  readonly flush: () => Promise<number>;

  constructor(store: ListStore, flush: () => Promise<number>, onEffect: EffectWatcher) {
    this.#store = store;
    this.flush = flush;
    this.#onEffect = onEffect;
  }

  get appliedIndex(): number {
    return this.#store.appliedIndex;
  }

  parseCommand(value: unknown): string {
    if (typeof value === 'string') return value;
    throw new StateMachineError('INVALID_COMMAND', 'a command is a string');
  }

  parseQuery(value: unknown): null {
    if (value === null) return null;
    throw new StateMachineError('INVALID_QUERY', 'the query is null');
  }

  prefetch(): undefined {
    return undefined;
  }

  apply(value: string, context: ApplyContext): AppendResult {
    this.#store.append(value);
    this.#onEffect(context.index, value, context);
    return { length: this.#store.values.length };
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    this.#store.commit(appliedIndex, rows);
  }

  async *frameworkRows(): AsyncGenerator<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
    for (const [key, value] of this.#store.rows) yield { key: Buffer.from(key, 'latin1'), value };
  }

  async query(): Promise<ReadResult> {
    return { length: this.#store.values.length, hash: this.#store.hash };
  }

  pendingWork(): undefined {
    return undefined;
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
