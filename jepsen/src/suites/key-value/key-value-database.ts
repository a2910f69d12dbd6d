import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TcpRpcNetwork } from '@raft-ts/net';
import { type MemberStatus, ReplicatedClient } from '@raft-ts/statemachine';
import type { Database, MemberRole, ProcessCommand } from '../../cluster/database.js';
import type { MemberPlace } from '../../cluster/member.js';
import { actions } from './actions.js';
import { type Launch, launchOf, PORTS, type ServiceBug } from './launch.js';

const SERVICE = fileURLToPath(new URL('service.js', import.meta.url));
const STATUS_MS = 1_000;

/** The service's processes. */
export const keyValueDatabase: Database = databaseOf();

/** With a bug, or without. */
export function databaseOf(bug?: ServiceBug): Database {
  return {
    name: 'key-value',
    ports: PORTS,
    command: (member, members) => serviceCommand(launchOf(member, members, bug)),
    async isServing(member, signal) {
      const [status] = await statusesOf([member], signal);
      return status?.replica !== undefined && !status.stopped;
    },
    async roles(members, signal) {
      const statuses = await statusesOf(members, signal);
      return new Map(members.map(({ id }, at) => [id, roleOf(statuses[at])]));
    },
    async differences(members, signal) {
      const statuses = await statusesOf(members, signal);
      const silent = members.find((_, at) => statuses[at] === undefined);
      if (silent !== undefined) throw new Error(`${silent.name} does not answer`);
      const applied = members.map(({ name }, at) => `${name}: ${statuses[at]?.appliedIndex}`);
      return [
        ...(new Set(statuses.map((status) => status?.appliedIndex)).size > 1
          ? [`members have applied different entries: ${applied.join(', ')}`]
          : []),
        ...statuses.flatMap((status) => status?.difference ?? []),
      ];
    },
    actions,
    refusedNemeses: {
      'older-directory': 'a member believes its directory, and has forgotten what it acknowledged',
    },
  };
}

export function serviceCommand(launch: Launch): ProcessCommand {
  return { file: process.execPath, args: [SERVICE, JSON.stringify(launch)] };
}

async function statusesOf(
  members: readonly MemberPlace[],
  signal: AbortSignal,
): Promise<readonly (MemberStatus | undefined)[]> {
  // Each question waits for it.
  setMaxListeners(0, signal);
  const addresses = members.map(({ clientAddresses }) => clientAddresses.client ?? '');
  await using client = new ReplicatedClient({ addresses, network: new TcpRpcNetwork() });
  const options = { signal, timeoutMs: STATUS_MS };
  return await Promise.all(
    addresses.map((address) => client.status(address, options).catch(() => undefined)),
  );
}

function roleOf(status: MemberStatus | undefined): MemberRole {
  switch (status?.replica?.role) {
    case 'leader':
    case 'follower':
      return status.replica.role;
    case 'candidate':
    case 'pre-candidate':
      return 'candidate';
    default:
      return 'silent';
  }
}
