import type { AppendResult, ReadResult } from './list-service.js';

interface Invoked {
  /** Counts the operations of a run. */
  readonly number: number;
  readonly client: number;
  readonly invokedMs: number;
}

/** An attempt to append `value`, which no other attempt uses. */
export interface AppendOperation extends Invoked {
  readonly kind: 'append';
  readonly value: string;
  /** unknown: nobody can say whether it takes effect. failed: it never does. */
  outcome: 'pending' | 'done' | 'failed' | 'unknown';
  result: AppendResult | undefined;
}

/** An attempt to read the list. */
export interface ReadOperation extends Invoked {
  readonly kind: 'read';
  outcome: 'pending' | 'done' | 'failed' | 'unknown';
  result: ReadResult | undefined;
}

/** What a client asked for, and how it ended. */
export type Operation = AppendOperation | ReadOperation;
