import type { RpcResponder } from '@raft-ts/net';
import type { EntryItem } from '../../entries/entry-codec.js';

/** A request on its way into the log, and back. */
export interface PendingItem<Command> {
  readonly item: EntryItem<Command>;
  /** As it stands in the entry. */
  readonly encoded: Uint8Array;
  /** Undefined once the client has its answer, and for what no client asked for. */
  responder: RpcResponder | undefined;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
}
