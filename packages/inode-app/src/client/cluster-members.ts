import type { ClusterMember, ReplicatedClient } from '@raft-ts/statemachine';
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

/** How far a member has come as its leader knows. */
export interface Extent {
  /** Null until the member was heard from in the leader's term. */
  readonly match: number | null;
  readonly lag: number | null;
}

/** A leader that has heard nothing yet takes a member for one that holds nothing, which is no figure to show. */
export function extentOf({
  active,
  match,
  lag,
}: Pick<ClusterMember, 'active' | 'match' | 'lag'>): Extent {
  return active || match > 0 ? { match, lag } : { match: null, lag: null };
}
