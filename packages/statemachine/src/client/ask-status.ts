import { type Clock, withTimeout } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import { RpcMethod } from '../rpc-methods.js';
import { type MemberStatus, parseStatus } from '../service/status/member-status.js';
import type { SharedConnections } from './members/shared-connections.js';
import { attemptError } from './sending/attempt-error.js';
import { abortedError } from './sending/operation.js';

export interface StatusRequest {
  readonly address: string;
  readonly connections: SharedConnections;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Asks one member what it says of itself. Rejects with UNAVAILABLE, ANSWER_INVALID or ABORTED. */
export async function askStatus(request: StatusRequest): Promise<MemberStatus> {
  const { address, connections, clock, timeoutMs, signal } = request;
  try {
    const status = await withTimeout(clock, timeoutMs, signal, async (ending) => {
      const lease = await connections.acquire(address, ending);
      try {
        return await lease.connection.request(RpcMethod.Status, null, ending);
      } finally {
        lease.release();
      }
    });
    return parseStatus(status);
  } catch (error) {
    if (error instanceof StateMachineError) throw error;
    if (signal?.aborted === true) throw abortedError(signal.reason);
    const { code, message } = attemptError(error);
    throw new StateMachineError(code, `${address}: ${message}`, { cause: error });
  }
}
