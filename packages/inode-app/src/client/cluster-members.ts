import type { ReplicatedClient } from '@raft-ts/statemachine';
import { type ConnectOptions, connectFramework } from './connect.js';
import { connectionError } from './connection-error.js';

/**
 * Reads or changes who takes part in a cluster. Rejects with UNAVAILABLE, OUTCOME_UNKNOWN, and where a change is
 * refused with the code that says why.
 */
export async function withMembership<T>(
  options: ConnectOptions,
  work: (client: ReplicatedClient) => Promise<T>,
): Promise<T> {
  await using client = connectFramework(options);
  try {
    return await work(client);
  } catch (error) {
    throw connectionError(error);
  }
}
