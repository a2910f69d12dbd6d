import { type Clock, observe, pause } from '@raft-ts/net';
import type { Endpoints, MemberId } from 'raft-ts';
import type { MembershipClient } from './client/membership/bring-in-member.js';

/** Between two attempts, milliseconds. */
const RETRY_MS = 1_000;

export interface AnnouncementOptions {
  readonly id: MemberId;
  /** The member's. Nothing of another cluster is changed: there its id may be somebody else's. */
  readonly clusterId: string;
  /** Where this member is reached. */
  readonly endpoints: Endpoints;
  /** Knows where members of the cluster are reached, this one too: it may lead. */
  readonly client: Pick<MembershipClient, 'membership' | 'changeMembership'>;
  readonly clock: Clock;
  /** Told of another cluster that answered, by its id; once, until another one does. What it throws is uncaught. */
  readonly onForeignCluster?: (clusterId: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Tells the cluster where this member is reached, where the membership says otherwise: after a start
 * under another address; one that takes no part yet waits until it does. Once a start, so that what an operator says later stands. Resolves with whether
 * it had to, or with false at the signal.
 */
export async function announceEndpoints(options: AnnouncementOptions): Promise<boolean> {
  const { id, endpoints, client, clock, signal } = options;
  let told = options.clusterId;
  while (!signal.aborted) {
    try {
      const { members, clusterId } = await client.membership({ signal });
      const isForeign = clusterId !== options.clusterId;
      if (isForeign && clusterId !== told) observe(options.onForeignCluster, clusterId);
      told = clusterId;
      const own = isForeign ? undefined : members.find((member) => member.id === id);
      const known = own?.endpoints;
      if (known !== undefined && sameEndpoints(known, endpoints)) return false;
      if (own !== undefined) {
        await client.changeMembership([{ type: 'update', id, endpoints }], { signal });
        return true;
      }
    } catch {
      // Nobody leads now, or another change is under way: what is to be told stays the same.
    }
    await pause(clock, RETRY_MS, signal);
  }
  return false;
}

function sameEndpoints(one: Endpoints, other: Endpoints): boolean {
  return one.member === other.member && one.client === other.client && one.http === other.http;
}
