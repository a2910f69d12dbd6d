import type { ReplicatedClient } from '@raft-ts/statemachine';
import { InodeAppError } from '../errors.js';

type MembershipClient = Pick<ReplicatedClient, 'membership' | 'changeMembership'>;

/**
 * The client of a member of `clusterId`, for which another cluster's answer is none: there its id may be
 * somebody else's, whose addresses it must not change. `foreign` gets the other's name, once for each.
 */
export function withinCluster(
  client: MembershipClient,
  clusterId: string,
  foreign: (otherId: string) => void,
): MembershipClient {
  let told = clusterId;
  return {
    membership: async (options) => {
      const membership = await client.membership(options);
      const answering = membership.clusterId;
      if (answering === clusterId) return membership;
      if (answering !== told) foreign(answering);
      told = answering;
      throw new InodeAppError('CHANGE_INVALID', `cluster "${answering}" is not "${clusterId}"`);
    },
    changeMembership: (changes, options) => client.changeMembership(changes, options),
  };
}

/** What a member says that asked another cluster than its own at these addresses. */
export function foreignClusterText(
  addresses: readonly string[],
  otherId: string,
  clusterId: string,
): string {
  return (
    `asked ${addresses.join(', ')}, which is the cluster "${otherId}", and this member is of "${clusterId}": it takes ` +
    `no part there. Start it with --cluster-id ${otherId} and an empty directory, or with addresses of members of ` +
    `"${clusterId}"`
  );
}
