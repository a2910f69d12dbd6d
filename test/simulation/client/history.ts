/** The answer to an append. */
export type AppendResult = {
  /** How many values the list has with this one as its last. */
  readonly length: number;
};

/** The answer to a read: which list it was, without its values. */
export type ReadResult = {
  readonly length: number;
  readonly hash: number;
};

/** pending; done; failed: it never takes effect; unknown: nobody can say whether it does. */
export type OperationOutcome = 'pending' | 'done' | 'failed' | 'unknown';

interface Invoked {
  /** Counts the operations of a run. */
  readonly number: number;
  readonly client: number;
  readonly invokedMs: number;
  outcome: OperationOutcome;
}

/** An attempt to append `value`, which no other attempt uses. */
export interface AppendOperation extends Invoked {
  readonly kind: 'append';
  readonly value: string;
  result: AppendResult | undefined;
}

/** An attempt to read the list. */
export interface ReadOperation extends Invoked {
  readonly kind: 'read';
  result: ReadResult | undefined;
}

/** What a client asked for, and how it ended. */
export type Operation = AppendOperation | ReadOperation;
