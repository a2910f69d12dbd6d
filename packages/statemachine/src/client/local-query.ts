import type { Clock, WireValue } from '@raft-ts/net';
import { pause, withTimeout } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import { QueryConsistency, RpcMethod } from '../rpc-methods.js';
import { type AttemptFailure, attemptFailure } from './attempt-failure.js';
import type { ClientLimits } from './client-options.js';
import type { SharedConnections } from './shared-connections.js';

export interface LocalQueryOptions {
  readonly value: WireValue;
  readonly addresses: readonly string[];
  readonly connections: SharedConnections;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly closing: AbortSignal;
}

/** Asks one member after the other, until one answers from what it has. */
export async function queryMember(options: LocalQueryOptions): Promise<WireValue> {
  const { addresses, clock, limits, timeoutMs, signal, closing } = options;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let problem: AttemptFailure | undefined;
  for (let attempt = 0; ; attempt++) {
    const leftMs = deadlineMs - clock.monotonicMs();
    if (signal?.aborted === true) {
      throw new StateMachineError('ABORTED', 'the request was aborted', { cause: signal.reason });
    }
    if (closing.aborted) throw new StateMachineError('CLIENT_CLOSED', 'the client was closed');
    if (leftMs <= 0) {
      const because = problem === undefined ? '' : `; the last attempt: ${problem.message}`;
      throw new StateMachineError('UNAVAILABLE', `no member answered in time${because}`);
    }
    try {
      const attemptMs = Math.min(leftMs, 2 * limits.silenceMs);
      return await ask(options, addresses[attempt % addresses.length] ?? '', attemptMs, leftMs);
    } catch (error) {
      problem = attemptFailure(error);
      if (problem.step === 'reject') throw new StateMachineError(problem.code, problem.message);
    }
    if (attempt % addresses.length === addresses.length - 1) {
      await pause(clock, Math.min(limits.maxBackoffMs, leftMs), signal ?? closing);
    }
  }
}

async function ask(
  options: LocalQueryOptions,
  address: string,
  attemptMs: number,
  leftMs: number,
): Promise<WireValue> {
  const { connections, clock, signal, value } = options;
  return withTimeout(clock, attemptMs, signal, async (ending) => {
    const lease = await connections.acquire(address, ending);
    try {
      const body = [QueryConsistency.Local, value, leftMs];
      return await lease.connection.request(RpcMethod.Query, body, ending);
    } finally {
      lease.release();
    }
  });
}
