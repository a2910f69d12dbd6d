import type { ClusterMembership } from '@raft-ts/statemachine';
import type { BackupOptions, SnapshotPeer } from 'raft-ts';
import type { ClusterMember } from '../../client/cluster-member.js';
import { withMembership } from '../../client/cluster-members.js';
import { readClusterStatus } from '../../client/cluster-status.js';
import { connect } from '../../client/connect.js';
import { argumentInvalid, InodeAppError } from '../../errors.js';
import { MAX_MEMBER_ID } from '../../master/members.js';
import { ROOT_PATH } from '../../namespace/tree/path.js';
import { TREE_APPLICATION } from '../../store/tree-application.js';
import { clientAddresses, parseAddress } from '../addresses.js';
import { argumentInteger } from '../arguments.js';
import type { ConnectionOptions } from '../connection-options.js';

/** Where the state of a running cluster is to be had. */
export type FoundState = Pick<
  BackupOptions,
  'clusterId' | 'application' | 'peers' | 'leader' | 'index'
>;

/**
 * Asks a cluster who has its state, and how much of it is committed: all that was acknowledged before.
 * `from`: one member alone, by its id or an address at which it answers clients. Rejects with UNAVAILABLE,
 * ARGUMENT_INVALID, ABORTED, or SNAPSHOT_FAILED where no member gives its state to others.
 */
export async function findState(
  options: Pick<ConnectionOptions, 'addresses'>,
  timeoutMs: number,
  from: string | undefined,
  signal: AbortSignal,
): Promise<FoundState> {
  const address = from?.includes(':') === true ? parseAddress(from) : undefined;
  const addresses =
    address !== undefined && options.addresses === undefined
      ? [address]
      : clientAddresses(options.addresses, process.env);
  const wanted =
    from === undefined || address !== undefined
      ? undefined
      : argumentInteger(from, 'member id', 1, MAX_MEMBER_ID);
  const connection = { addresses, timeoutMs };
  // Who was deposed, and does not know it yet, can't answer that.
  await using reader = connect(connection);
  await reader.getStatus(ROOT_PATH, signal);
  const { membership, at } = await withMembership(connection, async (client) => ({
    membership: await client.membership({ signal }),
    at: address === undefined ? undefined : await client.status(address, { signal }),
  }));
  const { clusterId, members } = membership;
  const known = members.flatMap(({ endpoints }) => endpoints?.client ?? []);
  const status = await readClusterStatus([...addresses, ...known], timeoutMs, signal);
  const own = status.members.filter((member) => member.clusterId === clusterId);
  const there = at?.replica?.clusterId === clusterId ? at.replica.id : 0;
  return {
    clusterId,
    application: TREE_APPLICATION,
    peers: peersOf(membership, address === undefined ? wanted : there, from),
    leader: membership.leader,
    index: requiredIndex(own, membership.leader),
  };
}

/** What any member knows as committed, the leader too. Throws UNAVAILABLE where that one does not say it. */
export function requiredIndex(
  members: readonly Pick<ClusterMember, 'id' | 'commit'>[],
  leader: number,
): number {
  if ((members.find(({ id }) => id === leader)?.commit ?? null) === null) {
    throw new InodeAppError(
      'UNAVAILABLE',
      `member ${leader}, which leads, did not say what is committed, and nobody else knows all of it: try again`,
    );
  }
  return Math.max(...members.map(({ commit }) => commit ?? 0));
}

function peersOf(
  { members }: ClusterMembership,
  only: number | undefined,
  from: string | undefined,
): readonly SnapshotPeer[] {
  const asked = members.filter(({ id }) => only === undefined || id === only);
  if (asked.length === 0) {
    const who = members.map(({ id }) => id).join(', ');
    throw argumentInvalid(`there is no member ${from}; there are ${who}`);
  }
  const peers = asked.flatMap(({ id, endpoints }) =>
    endpoints?.http === undefined ? [] : [{ member: id, address: endpoints.http }],
  );
  if (peers.length > 0) return peers;
  const who = only === undefined ? 'no member' : `member ${only}`;
  throw new InodeAppError(
    'SNAPSHOT_FAILED',
    `${who} gives its state to others: ${only === undefined ? 'each' : 'it'} needs an address for HTTP, see members set-address`,
  );
}
