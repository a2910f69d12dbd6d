import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withMembership } from '../client/cluster-members.js';
import { Master } from './master.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'foreign-cluster-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('a master of another cluster says so, and changes nothing of the one that it asked', async () => {
  const [memberAddress = '', clientAddress = '', otherMember = '', otherClient = ''] =
    await freeAddresses(4);
  await using _ = await Master.start({
    id: 1,
    clusterId: 'right',
    directory: join(directory, 'right'),
    members: [{ id: 1, memberAddress, clientAddress }],
  });
  let say: (line: string) => void = () => {};
  const said = new Promise<string>((resolve) => {
    say = resolve;
  });
  await using __ = await Master.start({
    // As who takes part there.
    id: 1,
    clusterId: 'wrong',
    directory: join(directory, 'wrong'),
    members: [],
    join: [clientAddress],
    advertise: { memberAddress: otherMember, clientAddress: otherClient },
    log: (line) => {
      if (line.includes('cluster')) say(line);
    },
  });
  expect(await said).toBe(
    `asked ${clientAddress}, which is the cluster "right", and this member is of "wrong": it takes no part there. ` +
      'Start it with --cluster-id right and an empty directory, or with addresses of members of "wrong"',
  );
  const { members } = await withMembership({ addresses: [clientAddress] }, (client) =>
    client.membership(),
  );
  expect(members.map(({ endpoints }) => endpoints?.client)).toEqual([clientAddress]);
});
