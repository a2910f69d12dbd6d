import type { ThreadFailure } from './thread-failure.js';

/** What the thread that writes rows is started with. */
export interface RowsThreadData {
  readonly handle: bigint;
  readonly directory: string;
}

export type RowsRequest =
  /** Take hold of the rows as they are now. */
  | { readonly type: 'hold' }
  /** `header`: as it stands in the file. */
  | {
      readonly type: 'write';
      readonly path: string;
      readonly header: Uint8Array;
      readonly bytesPerSecond: number;
    }
  /** Write no more. */
  | { readonly type: 'abort' }
  /** Let go of the rows, and end. */
  | { readonly type: 'close' };

export type RowsAnswer =
  /** The first one: the thread runs. */
  | { readonly type: 'started' }
  | { readonly type: 'held' }
  | { readonly type: 'progress'; readonly rows: number; readonly bytes: number }
  /** `manifest`: as it travels. */
  | { readonly type: 'written'; readonly manifest: Uint8Array }
  | { readonly type: 'failed'; readonly failure: ThreadFailure };
