import { expect, it } from 'vitest';
import type { MemberPlace } from '../../cluster/member.js';
import { launchOf } from './launch.js';

const member: MemberPlace = {
  id: 1,
  name: 'n1',
  host: '127.1.1.1',
  ports: { member: 1, client: 2, http: 3 },
  peerAddresses: { member: 'proxy:1', client: 'proxy:2', http: 'proxy:3' },
  clientAddresses: { member: 'outside:1', client: 'outside:2', http: 'outside:3' },
  directory: '/nowhere/n1',
  logFile: '/nowhere/n1.log',
};

it('a member tells the others where they reach it, and not where it listens: no cut would stop them there', () => {
  const { listen, advertise, founders } = launchOf(member, [member]);
  expect(listen.member).toBe('127.1.1.1:1');
  expect(advertise).toEqual({ member: 'proxy:1', client: 'outside:2', http: 'proxy:3' });
  expect(founders).toEqual({ 1: advertise });
});
