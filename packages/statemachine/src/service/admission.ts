import type { RpcResponder } from '@raft-ts/net';
import { failure } from '../errors.js';

/**
 * Whether what waits, with this request, keeps within its limit; otherwise the client is told
 * OVERLOADED, and nothing was done.
 */
export function admits(waiting: number, limit: number, responder: RpcResponder): boolean {
  if (waiting <= limit) return true;
  responder.failed(failure('OVERLOADED', 'too many requests wait; try again later'));
  return false;
}
