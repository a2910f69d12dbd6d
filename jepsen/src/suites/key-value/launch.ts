import type { Endpoints } from 'raft-ts';
import type { MemberPlace } from '../../cluster/member.js';

/** What a process of the service is told: one argument, as JSON. */
export interface Launch {
  readonly id: number;
  readonly directory: string;
  readonly listen: Required<Endpoints>;
  /** Where others reach it: what cuts it off is in between. Without it, it would tell them where it listens. */
  readonly advertise: Required<Endpoints>;
  readonly founders: Readonly<Record<number, Required<Endpoints>>>;
  /** For the selftest. */
  readonly bug: ServiceBug | undefined;
}

/**
 * A bug of the service: its log is in memory, so that a process that is killed forgets its vote and what it acknowledged;
 * or it acknowledges what is not on the device yet.
 */
export type ServiceBug = 'forgets' | 'acknowledges-early';

/** The names of the ports of a member. */
export const PORTS = ['member', 'client', 'http'] as const;

export function launchOf(
  member: MemberPlace,
  members: readonly MemberPlace[],
  bug?: ServiceBug,
): Launch {
  const { host, ports } = member;
  return {
    id: member.id,
    directory: `${member.directory}/cells`,
    listen: endpoints((name) => `${host}:${ports[name]}`),
    advertise: reached(member),
    founders: Object.fromEntries(members.map((founder) => [founder.id, reached(founder)])),
    bug,
  };
}

/** Throws where it is none: nobody but the suite writes it. */
export function parseLaunch(text: string): Launch {
  const launch: Launch = JSON.parse(text);
  return launch;
}

function reached({ peerAddresses, clientAddresses }: MemberPlace): Required<Endpoints> {
  return endpoints((name) => (name === 'client' ? clientAddresses : peerAddresses)[name] ?? '');
}

function endpoints(addressOf: (name: (typeof PORTS)[number]) => string): Required<Endpoints> {
  return { member: addressOf('member'), client: addressOf('client'), http: addressOf('http') };
}
