import type { Endpoints } from 'raft-ts';
import type { MemberPlace } from '../../cluster/member.js';

/** What a process of the service is told: one argument, as JSON. */
export interface Launch {
  readonly id: number;
  readonly directory: string;
  readonly listen: Required<Endpoints>;
  readonly founders: Readonly<Record<number, Required<Endpoints>>>;
  /** The log in memory: a process that is killed forgets its vote and all that it acknowledged. A bug, for the selftest. */
  readonly forgets: boolean;
}

/** The names of the ports of a member. */
export const PORTS = ['member', 'client', 'http'] as const;

export function launchOf(
  member: MemberPlace,
  members: readonly MemberPlace[],
  forgets = false,
): Launch {
  const { host, ports } = member;
  return {
    id: member.id,
    directory: `${member.directory}/cells`,
    listen: endpoints((name) => `${host}:${ports[name]}`),
    founders: Object.fromEntries(
      members.map(({ id, peerAddresses, clientAddresses }) => [
        id,
        endpoints((name) => (name === 'client' ? clientAddresses : peerAddresses)[name] ?? ''),
      ]),
    ),
    forgets,
  };
}

/** Throws where it is none: nobody but the suite writes it. */
export function parseLaunch(text: string): Launch {
  const launch: Launch = JSON.parse(text);
  return launch;
}

function endpoints(addressOf: (name: (typeof PORTS)[number]) => string): Required<Endpoints> {
  return { member: addressOf('member'), client: addressOf('client'), http: addressOf('http') };
}
