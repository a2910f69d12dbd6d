/** What the worker is started with. */
export interface HangWatchData {
  readonly maxQuietMs: number;
  readonly graceMs: number;
  readonly record: string | undefined;
}

/** What the worker is told: a task begins, goes on, or has ended. */
export type WatchMessage =
  | { readonly kind: 'begin'; readonly task: number; readonly name: string }
  | { readonly kind: 'progress' }
  | { readonly kind: 'end'; readonly task: number };

/** What the worker tells: a task has made no progress for too long. */
export interface HangMessage {
  readonly task: number;
}
