import type { Clock, RpcNetwork } from '@raft-ts/net';
import { parseAddress } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import { completeLimits } from '../limits.js';

export interface ClientLimits {
  /** For a command or query that names no time of its own, milliseconds. */
  readonly timeoutMs: number;
  /**
   * Requests sent and not answered, commands and queries together; further ones wait. Where both
   * are asked for, each has half. Below the number at which a member stops
   * to read from a connection (4,096), so that it still hears whether it is asked if it leads.
   */
  readonly maxInFlight: number;
  /** Requests not settled, in flight or waiting; further ones are rejected with OVERLOADED. */
  readonly maxOutstanding: number;
  /**
   * Who is silent for so long is asked whether to go on; silent for twice as long, the others are
   * asked whether a later leader is known, which takes its place then.
   */
  readonly doubtMs: number;
  /** Likewise where `doubtMs` is longer; silent for twice as long, it is left in any case. */
  readonly silenceMs: number;
  /** Pauses between attempts double from this, milliseconds... */
  readonly minBackoffMs: number;
  /** ...to this. */
  readonly maxBackoffMs: number;
  /**
   * Who is refused because a member or the cluster has too much to do tries again after a pause of
   * its own: each doubles, from `minBackoffMs` for a request and from `overloadBackoffMs` for a
   * connection, up to `maxOverloadBackoffMs`.
   */
  readonly overloadBackoffMs: number;
  readonly maxOverloadBackoffMs: number;
  /** A member keeps the question who leads for so long, until it knows. */
  readonly leaderWaitMs: number;
}

export const defaultClientLimits: ClientLimits = {
  timeoutMs: 30_000,
  maxInFlight: 2_048,
  maxOutstanding: 65_536,
  doubtMs: 200,
  silenceMs: 1_000,
  minBackoffMs: 20,
  maxBackoffMs: 100,
  overloadBackoffMs: 500,
  maxOverloadBackoffMs: 8_000,
  leaderWaitMs: 1_000,
};

/**
 * Who answers linearizable queries. The leader: one round trip, and all queries load one member.
 * Any: a member drawn at random, kept while it serves; one that follows asks the leader how much
 * it must have applied. When it fails, is cut off or lags, the next one is asked: reading goes on as
 * soon as the cluster has a leader, as with 'leader'.
 */
export type ReadFrom = 'leader' | 'any';

export interface ClientOptions extends Partial<ClientLimits> {
  /** Members' addresses, `host:port`, at least one; others are learned from them. */
  readonly addresses: readonly string[];
  readonly network: RpcNetwork;
  /** 'leader' by default. */
  readonly readFrom?: ReadFrom;
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly random?: () => number;
}

/** The limits of these options, checked; throws OPTIONS_INVALID. */
export function clientLimits(options: ClientOptions): ClientLimits {
  return completeLimits('number', defaultClientLimits, options, (limits) => {
    const { readFrom = 'leader', addresses } = options;
    const problems = addresses.flatMap(addressProblems);
    if (addresses.length === 0) problems.push('addresses must name at least one member');
    if (readFrom !== 'leader' && readFrom !== 'any') {
      problems.push(`readFrom must be 'leader' or 'any', not ${readFrom}`);
    }
    const tooLong = timeoutError(limits.timeoutMs);
    if (tooLong !== undefined) problems.push(tooLong.message);
    if (limits.maxBackoffMs < limits.minBackoffMs) {
      problems.push('maxBackoffMs must not be below minBackoffMs');
    }
    if (limits.maxOverloadBackoffMs < limits.overloadBackoffMs) {
      problems.push('maxOverloadBackoffMs must not be below overloadBackoffMs');
    }
    return problems;
  });
}

function addressProblems(address: string): string[] {
  try {
    parseAddress(address);
    return [];
  } catch (error) {
    return [`addresses: ${error instanceof Error ? error.message : error}`];
  }
}

/** The longest that a timer can wait, milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Why it can't be waited for so long; a time that is over already is a time, too. */
export function timeoutError(timeoutMs: number): StateMachineError | undefined {
  if (timeoutMs <= MAX_TIMEOUT_MS) return undefined;
  const message = `timeoutMs must be a number of at most ${MAX_TIMEOUT_MS}, not ${timeoutMs}`;
  return new StateMachineError('OPTIONS_INVALID', message);
}
