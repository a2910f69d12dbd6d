import type { RpcResponder } from '@raft-ts/net';

/** A request on its way into the log, and back; a client's, or the member's own. */
export interface PendingItem {
  /** As it stands in the entry. */
  readonly encoded: Uint8Array;
  /** Undefined once it has its answer. */
  responder: RpcResponder | undefined;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
}
