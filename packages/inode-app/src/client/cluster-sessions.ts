import type { SessionSummary } from '@raft-ts/statemachine';
import { type ConnectOptions, connectFramework } from './connect.js';
import { connectionError } from './connection-error.js';

/**
 * The sessions of all clients of a cluster, by ascending id, as its leader has applied them. Rejects
 * with UNAVAILABLE.
 */
export async function readSessions(options: ConnectOptions): Promise<readonly SessionSummary[]> {
  await using client = connectFramework(options);
  try {
    return await client.sessions();
  } catch (error) {
    throw connectionError(error);
  }
}

/**
 * Ends sessions, whoever's: their clients open others, and what may have taken effect is left unknown
 * to them. One that has ended before is no error. Rejects with UNAVAILABLE or OUTCOME_UNKNOWN.
 */
export async function endSessions(options: ConnectOptions, ids: readonly number[]): Promise<void> {
  await using client = connectFramework(options);
  try {
    await Promise.all(ids.map((id) => client.endSession(id)));
  } catch (error) {
    throw connectionError(error);
  }
}
