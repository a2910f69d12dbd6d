import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, MemberRole } from '../../cluster/database.js';
import type { MemberPlace } from '../../cluster/member.js';
import { JepsenError } from '../../errors.js';
import { ask, isObject } from './gateway.js';

/** As Debian's package etcd-server installs it. */
const PROGRAM = '/usr/bin/etcd';

const NO_CLOCKS =
  'programs in Go read clocks past the C library, where libfaketime does not see it';
const NO_DAMAGE = 'etcd does not promise to go on where files of a member were changed';

/** etcd 3.4, with its own defaults. */
export const etcdDatabase: Database = {
  name: 'etcd',
  ports: ['client', 'peer'],
  async setUp() {
    if (existsSync(PROGRAM)) return;
    const advice = 'Debian: apt-get install etcd-server';
    throw new JepsenError('SYSTEM_UNAVAILABLE', `there is no ${PROGRAM} (${advice})`);
  },
  command(member, members) {
    const at = (port: string) => `http://${member.host}:${member.ports[port]}`;
    const founders = members.map(
      ({ name, peerAddresses }) => `${name}=http://${peerAddresses.peer}`,
    );
    const options = {
      name: member.name,
      'data-dir': join(member.directory, 'etcd'),
      'listen-client-urls': at('client'),
      'advertise-client-urls': `http://${member.clientAddresses.client}`,
      'listen-peer-urls': at('peer'),
      'initial-advertise-peer-urls': `http://${member.peerAddresses.peer}`,
      'initial-cluster': founders.join(','),
      'initial-cluster-state': 'new',
      'initial-cluster-token': 'jepsen',
      logger: 'zap',
      'log-level': 'warn',
    };
    return {
      file: PROGRAM,
      args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    };
  },
  async isServing({ clientAddresses }, signal) {
    const response = await fetch(`http://${clientAddresses.client}/health`, { signal });
    return response.ok && (await response.text()).includes('"true"');
  },
  refusedNemeses: {
    clock: NO_CLOCKS,
    'clock-jump': NO_CLOCKS,
    'clock-drift': NO_CLOCKS,
    'clock-strobe': NO_CLOCKS,
    'file-corrupted': NO_DAMAGE,
    'file-truncated': NO_DAMAGE,
    'file-removed': NO_DAMAGE,
    'older-directory': NO_DAMAGE,
  },
  async roles(members, signal) {
    const asked = members.map(async (member) => [member.id, await roleOf(member, signal)] as const);
    return new Map(await Promise.all(asked));
  },
};

async function roleOf(member: MemberPlace, signal: AbortSignal): Promise<MemberRole> {
  try {
    const status = await ask(member, '/v3/maintenance/status', {}, signal);
    const { header, leader } = status;
    if (!isObject(header) || leader === undefined || leader === '0') return 'candidate';
    return header.member_id === leader ? 'leader' : 'follower';
  } catch {
    return 'silent';
  }
}
