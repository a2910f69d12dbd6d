import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningCluster } from './running-cluster.js';

interface MemberAnswer {
  readonly id: number;
  readonly role: string;
  readonly elections: readonly { readonly reason: string; readonly leaderBefore: number }[] | null;
}

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'failover-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** All members, once one of them leads that is not `former`. */
async function ledByAnother(former = 0): Promise<readonly [number, readonly MemberAnswer[]]> {
  for (;;) {
    const { stdout } = await cluster.run('status', '--json');
    const members: readonly MemberAnswer[] = JSON.parse(stdout).members;
    const leader = members.find(({ id, role }) => role === 'leader' && id !== former);
    if (leader !== undefined) return [leader.id, members];
  }
}

function campaigns(members: readonly MemberAnswer[], leaderBefore: number): readonly string[] {
  return members
    .flatMap(({ elections }) => elections ?? [])
    .filter((election) => election.leaderBefore === leaderBefore)
    .map(({ reason }) => reason);
}

describe('the leader of three masters', () => {
  it('is missed by who sees that its process has ended, when it is killed', async () => {
    const [leader] = await ledByAnother();
    await cluster.kill(leader);
    const [, members] = await ledByAnother(leader);
    expect(campaigns(members, leader)).toContain('leader-ended');
    await cluster.startMember(leader);
  });

  it('hands over first when it is told to stop, and all who stop at once end', async () => {
    const [leader] = await ledByAnother();
    expect(await cluster.stop(leader)).toBe(0);
    const [, members] = await ledByAnother(leader);
    expect(campaigns(members, leader)).toContain('transfer');
    await cluster.startMember(leader);
    expect(await Promise.all([1, 2, 3].map((id) => cluster.stop(id)))).toEqual([0, 0, 0]);
  });
});
