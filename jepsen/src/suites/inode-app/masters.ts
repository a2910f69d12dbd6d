import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { type ClusterMember, type ClusterStatus, readClusterStatus } from 'inode-app';
import type { Database, MemberRole, ProcessCommand } from '../../cluster/database.js';
import type { MemberPlace } from '../../cluster/member.js';
import { actions } from './actions.js';
import { clientAddress, PROGRAM } from './program.js';

const CLUSTER_ID = 'jepsen';
/** Small, so that logs are cut and states fetched within a minute. */
const LOG_LIMIT_MEBIBYTES = 2;
const STATUS_MS = 1_000;
/** In lists: all of them in the error's text would say no more. */
const MAX_NAMED = 20;

/** Masters of inode-app, as `inode-app master` runs them. */
export const masters: Database = {
  name: 'inode-app',
  ports: ['member', 'client', 'http'],
  command(member, members): ProcessCommand {
    const { host, ports } = member;
    const options = {
      id: `${member.id}`,
      'cluster-id': CLUSTER_ID,
      data: join(member.directory, 'master'),
      members: members.map(founder).join(','),
      listen: `${host}:${ports.member}/${host}:${ports.client}/${host}:${ports.http}`,
      'log-limit': `${LOG_LIMIT_MEBIBYTES}`,
      'resume-free': '8',
    };
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return { file: process.execPath, args: [PROGRAM, 'master', ...given] };
  },
  async isServing({ clientAddresses }, signal) {
    // Whatever it answers, it listens. A status would ask all the others too.
    await fetch(`http://${clientAddresses.http}/`, { signal });
    return true;
  },
  async roles(members, signal) {
    const status = await statusOf(members, signal);
    return new Map(members.map(({ id }) => [id, roleOf(status, id)]));
  },
  async differences(members, signal) {
    return differencesIn(await statusOf(members, signal), members);
  },
  actions,
  refusedNemeses: {
    'older-directory':
      'a member believes its directory: docs/operate.md says that no older copy may be put back',
  },
};

function founder({ id, peerAddresses, clientAddresses }: MemberPlace): string {
  return `${id}=${peerAddresses.member}/${clientAddresses.client}/${peerAddresses.http}`;
}

function statusOf(members: readonly MemberPlace[], signal: AbortSignal): Promise<ClusterStatus> {
  // Each question waits for it.
  setMaxListeners(0, signal);
  return readClusterStatus(members.map(clientAddress), STATUS_MS, signal);
}

function roleOf({ members }: ClusterStatus, id: number): MemberRole {
  const member = members.find((candidate) => candidate.id === id);
  if (member === undefined || !member.reachable) return 'silent';
  switch (member.role) {
    case 'leader':
      return 'leader';
    case 'candidate':
    case 'pre-candidate':
      return 'candidate';
    case 'follower':
      return member.learner === true ? 'learner' : 'follower';
    default:
      return 'silent';
  }
}

/**
 * How members' states differ, in words; empty where all hold the same, as the leader's comparison has it. Throws where one
 * does not say what it holds.
 */
function differencesIn(status: ClusterStatus, places: readonly MemberPlace[]): readonly string[] {
  const found: string[] = [];
  const known = new Map(status.members.map((member) => [member.id, member]));
  const members = places.map(({ id, name }): ClusterMember => {
    const member = known.get(id);
    if (member?.applied !== null && member?.applied !== undefined) return member;
    throw new Error(`${name} does not say what it has applied: ${member?.reason ?? 'no answer'}`);
  });
  const fields = ['applied', 'directories', 'files', 'symbolicLinks'] as const;
  for (const field of fields) {
    const values = members.map((member) => `n${member.id}: ${member[field]}`);
    if (new Set(members.map((member) => member[field])).size > 1) {
      found.push(`${field} differ: ${values.join(', ')}`);
    }
  }
  for (const { difference } of members) if (difference !== undefined) found.push(difference);
  return found.slice(0, MAX_NAMED);
}
