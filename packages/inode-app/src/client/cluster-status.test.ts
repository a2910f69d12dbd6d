import { parseAddress, type RpcServer, TcpRpcNetwork } from '@raft-ts/net';
import { freeAddresses } from '@raft-ts/net/testing';
import { type MemberStatus, pausedHandler } from '@raft-ts/statemachine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClusterStatus } from './cluster-status.js';

const TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;

type Replica = NonNullable<MemberStatus['replica']>;
type Said = Partial<Replica> & { readonly wallMs?: number };

let addresses: readonly string[];
const servers: RpcServer[] = [];

beforeEach(async () => {
  addresses = await freeAddresses(3);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Members at the addresses that say this of themselves; one that is undefined does not answer. */
async function members(...all: readonly (Said | undefined)[]): Promise<void> {
  for (const [at, said] of all.entries()) {
    if (said === undefined) continue;
    const handler = pausedHandler(() => statusOf(at + 1, said));
    servers.push(await new TcpRpcNetwork().listen(addresses[at] ?? '', handler));
  }
}

function statusOf(id: number, { wallMs = Date.now(), ...replica }: Said): MemberStatus {
  const { clusterId = 'c' } = replica;
  const known = addresses.map((address, at) => [at + 1, address] as const);
  return {
    replica: {
      clusterId,
      id,
      role: 'follower',
      term: 5,
      leader: 0,
      voter: true,
      recovering: false,
      firstIndex: 1,
      logBytes: 900,
      lastIndex: 9,
      commit: 9,
      applied: 9,
      elections: [],
      snapshotFailure: undefined,
      progress: [],
      ...replica,
    },
    stopped: false,
    stoppedBy: undefined,
    pid: id,
    clientAddresses: clusterId === 'c' ? known : [],
    sessions: 0,
    savedResultBytes: 0,
    logTimeMs: 0,
    wallMs,
    appliedIndex: 9,
    pendingRequests: 0,
    pendingQueries: 0,
    extra: null,
  };
}

describe('readClusterStatus', () => {
  it('has the voters before and after a change of them, of each member that knows', async () => {
    const membership = { configuration: { voters: [1, 3], outgoing: [1, 2] } };
    await members({ leader: 1, role: 'leader', membership }, { leader: 1 });
    const status = await readClusterStatus(addresses.slice(0, 1), TIMEOUT_MS);
    expect(status.members.map(({ change }) => change)).toEqual([
      { from: [1, 2], to: [1, 3] },
      undefined,
      undefined,
    ]);
    expect(status.problems).toContainEqual(
      expect.stringMatching(
        /^the voters are being changed from members 1 and 2 to members 1 and 3/,
      ),
    );
  });

  it('takes the word of those who answer for a leader that does not', async () => {
    await members({ leader: 3 }, { leader: 3 });
    const status = await readClusterStatus(addresses.slice(0, 1), TIMEOUT_MS);
    expect(status).toMatchObject({ leader: 3, leaderSaidBy: [1, 2] });
    expect(status.members.map(({ id, role }) => [id, role])).toEqual([
      [1, 'follower'],
      [2, 'follower'],
      [3, 'unreachable'],
    ]);
    expect(status.problems).toEqual([expect.stringContaining('member 3, which leads')]);
  });

  it('believes the highest term, not a leader of before', async () => {
    await members(
      { role: 'leader', leader: 1, term: 4 },
      { leader: 3 },
      { role: 'leader', leader: 3 },
    );
    const status = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(status).toMatchObject({ leader: 3, leaderSaidBy: [2, 3] });
    expect(status.problems).toEqual([
      expect.stringMatching(/^member 1 does not hear member 3, which leads: if that lasts/),
    ]);
  });

  it('knows no leader when those of the highest term know none', async () => {
    await members({ role: 'leader', leader: 1, term: 4 }, { role: 'candidate' });
    const status = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(status).toMatchObject({ leader: null, leaderSaidBy: [], clusterId: 'c' });
    expect(status.problems).toHaveLength(1);
  });

  it('counts without a leader who votes by the newest word, not who was removed and does not know it', async () => {
    const knows = (...voters: number[]) => ({ configuration: { voters, outgoing: [] } });
    const removed = { commit: 8, lastIndex: 20, membership: knows(1, 2, 3) };
    await members({ commit: 9, membership: knows(1, 2) }, undefined, removed);
    const { leader, problems } = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(leader).toBe(null);
    expect(problems).toEqual([
      expect.stringMatching(/^a leader needs 2 of 2 .* has 1: start member 2;/),
    ]);
  });

  it('has no figures of a member that its leader has not heard yet', async () => {
    const known = { match: 0, lag: 9, state: 'probe', learner: false, recovering: false } as const;
    const unheard = { ...known, id: 2, active: false };
    const behind = { ...known, id: 3, active: true };
    const leads = { role: 'leader', leader: 1, progress: [unheard, behind] } as const;
    await members(leads, { leader: 1 }, { leader: 1 });
    const status = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(status.members.map(({ match, lag, heard }) => [match, lag, heard])).toEqual([
      [null, null, null],
      [null, null, false],
      [0, 9, true],
    ]);
  });

  it('mixes no clusters', async () => {
    const leads = { role: 'leader', leader: 1 } as const;
    await members(leads, { leader: 1 }, { ...leads, clusterId: 'd', leader: 3, wallMs: 0 });
    const status = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(status).toMatchObject({ leader: null, clusterId: null });
    expect(status.members.map(({ clusterId }) => clusterId)).toEqual(['c', 'c', 'd']);
    expect(status.problems).toEqual([
      `these addresses belong to different clusters: "c" (${addresses[0]}, ${addresses[1]}), "d" (${addresses[2]}). Ask for one at a time`,
    ]);
  });

  it('lists a member once, though it is asked at two addresses', async () => {
    await members({ role: 'leader', leader: 1 }, { leader: 1, wallMs: Date.now() + DAY_MS });
    const { port } = parseAddress(addresses[0] ?? '');
    const status = await readClusterStatus([`localhost:${port}`, ...addresses], TIMEOUT_MS);
    expect(status.members.map(({ id, address }) => [id, address])).toEqual(
      addresses.map((address, at) => [at + 1, address]),
    );
    // Two of two differ: the one that was asked twice is no majority.
    expect(status.problems).toHaveLength(2);
  });

  it('says who runs and takes no part', async () => {
    const second = { id: 2, match: 9, lag: 0, state: 'replicate' as const };
    const known = { ...second, learner: false, active: true, recovering: false };
    const leads = { role: 'leader', leader: 1, progress: [known] } as const;
    await members(leads, { leader: 1 }, { leader: 1 });
    const { problems } = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(problems).toEqual([
      `member 3 runs at ${addresses[2]} and takes no part: add it with inode-app members add; if it was removed, stop it`,
    ]);
  });

  it('says of which member there are two processes', async () => {
    const leads = { role: 'leader', leader: 1 } as const;
    await members(leads, { leader: 1 }, { leader: 1, id: 2 });
    const { problems } = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(problems).toContainEqual(
      expect.stringContaining(`member 2, at ${addresses[1]} and ${addresses[2]}: stop all but`),
    );
  });

  it('says whose clock is off', async () => {
    await members({ role: 'leader', leader: 1 }, { leader: 1, wallMs: 0 }, { leader: 1 });
    const { members: all, problems } = await readClusterStatus(addresses, TIMEOUT_MS);
    expect(all.map(({ clockOffMs }) => Math.sign(clockOffMs ?? Number.NaN))).toEqual([0, -1, 0]);
    expect(problems).toEqual([expect.stringContaining('the clock of member 2 is')]);
  });
});
