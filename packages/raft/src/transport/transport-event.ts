import type { MemberId } from '../core/log/entry.js';

/** What an operator may want to know; the transport has already dealt with it. */
export type TransportEvent =
  /** The connection over which messages go to `member` is open. */
  | { readonly type: 'connected'; readonly member: MemberId }
  /** It is closed again, or could not be opened; the next try follows by itself. */
  | { readonly type: 'disconnected'; readonly member: MemberId; readonly reason: string }
  /** An incoming connection was refused or closed because of what the other side sent. */
  | { readonly type: 'rejected'; readonly remote: string; readonly reason: string }
  /** An incoming connection could not be accepted; the transport goes on. */
  | { readonly type: 'accept-failed'; readonly error: Error }
  /** A message larger than a frame may be was dropped: the limits of the members do not fit. */
  | { readonly type: 'too-large'; readonly member: MemberId; readonly error: Error }
  /** `receive` threw. The message counts as received, and the next ones are delivered. */
  | { readonly type: 'receive-failed'; readonly error: unknown };
