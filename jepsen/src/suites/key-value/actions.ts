import { TcpRpcNetwork } from '@raft-ts/net';
import { ReplicatedClient } from '@raft-ts/statemachine';
import type { ActedOnCluster, OperatorAction } from '../../cluster/database.js';
import type { MemberPlace } from '../../cluster/member.js';
import { untilDone } from '../until-done.js';

/** For each step of an action. */
const TIMEOUT_MS = 10_000;

/** For a member to be a voter again, whatever else strikes meanwhile. */
const RESTORING_MS = 40_000;

/** What operators do to the service. */
export const actions: Readonly<Record<string, OperatorAction>> = {
  async transfer(cluster, signal) {
    const { id, name } = pick(cluster);
    await using client = clientOf(cluster);
    await client.transferLeadership(id, { signal, timeoutMs: TIMEOUT_MS });
    return `the lead was handed to ${name}`;
  },
  async members(cluster, signal) {
    const { id, name } = pick(cluster);
    await using client = clientOf(cluster);
    try {
      await client.changeMembership([{ type: 'add-learner', id }], {
        signal,
        timeoutMs: TIMEOUT_MS,
      });
    } finally {
      // Also where the test ends just now, or nobody knows whether it is one: it is to be as it was.
      await untilDone(
        () => client.changeMembership([{ type: 'add-voter', id }], { timeoutMs: TIMEOUT_MS }),
        RESTORING_MS,
      );
    }
    return `${name} was made a learner, and a voter again`;
  },
};

function clientOf({ members }: ActedOnCluster): ReplicatedClient {
  const addresses = members.map(({ clientAddresses }) => clientAddresses.client ?? '');
  return new ReplicatedClient({ addresses, network: new TcpRpcNetwork() });
}

function pick({ members, random }: ActedOnCluster): MemberPlace {
  const member = members[Math.floor(random() * members.length)];
  if (member === undefined) throw new RangeError('there are no members');
  return member;
}
