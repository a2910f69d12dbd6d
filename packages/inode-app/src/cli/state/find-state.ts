import type { ClusterMembership } from '@raft-ts/statemachine';
import type { BackupOptions, SnapshotPeer } from 'raft-ts';
import { withMembership } from '../../client/cluster-members.js';
import { readClusterStatus } from '../../client/cluster-status.js';
import { argumentInvalid, InodeAppError } from '../../errors.js';
import { MAX_MEMBER_ID } from '../../master/members.js';
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
 * Asks a cluster who has its state, and how much of it is committed. `from`: one member alone, by its id or
 * its address for clients. Rejects with UNAVAILABLE, ARGUMENT_INVALID, or SNAPSHOT_FAILED where no
 * member gives its state to others.
 */
export async function findState(
  options: Pick<ConnectionOptions, 'addresses'>,
  timeoutMs: number,
  from: string | undefined,
  signal: AbortSignal,
): Promise<FoundState> {
  const isAddress = from?.includes(':') === true;
  const addresses =
    isAddress && from !== undefined && options.addresses === undefined
      ? [parseAddress(from)]
      : clientAddresses(options.addresses, process.env);
  const wanted =
    from === undefined || isAddress
      ? undefined
      : argumentInteger(from, 'member id', 1, MAX_MEMBER_ID);
  const membership = await withMembership({ addresses, timeoutMs }, (client) =>
    client.membership(),
  );
  const known = membership.members.flatMap(({ endpoints }) => endpoints?.client ?? []);
  const { members } = await readClusterStatus([...addresses, ...known], timeoutMs, signal);
  const own = members.filter(({ clusterId }) => clusterId === membership.clusterId);
  const only = isAddress ? (own.find(({ address }) => address === from)?.id ?? 0) : wanted;
  return {
    clusterId: membership.clusterId,
    application: TREE_APPLICATION,
    peers: peersOf(membership, only, from),
    leader: membership.leader,
    index: Math.max(0, ...own.map(({ commit }) => commit ?? 0)),
  };
}

function peersOf(
  { members }: ClusterMembership,
  only: number | undefined,
  from: string | undefined,
): readonly SnapshotPeer[] {
  const asked = members.filter(({ id }) => only === undefined || id === only);
  if (asked.length === 0) throw argumentInvalid(`there is no member ${from}`);
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
