import { MemoryRpcNetwork } from '@raft-ts/net';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyValueMachine } from '../../machine/key-value-machine.js';
import { TestCluster } from '../../test-cluster.test.support.js';
import { StateMachineService } from '../service.js';
import { TestMember } from '../service.test.support.js';

const rpc = new MemoryRpcNetwork();
let connections: string[];
let cluster: TestCluster;

/** What a service connects to is noted. */
const network = {
  connect: (address: string, signal?: AbortSignal) => {
    connections.push(address);
    return rpc.connect(address, signal);
  },
};

beforeEach(async () => {
  connections = [];
  cluster = await TestCluster.start({ rpc, service: { network } });
  await eventually('a leader', () => cluster.leader() !== undefined);
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** Who leads, and one who follows. */
function roles() {
  const leader = cluster.leader() ?? 0;
  const follower = cluster.ids.find((id) => id !== leader) ?? 0;
  return { leader, follower };
}

describe('the process of a member', () => {
  it('asks the member that leads without any connection', async () => {
    const service = cluster.service(roles().leader);
    expect(await service.command(['put', 'a', 1])).toBe(null);
    expect(await service.command(['add', 'a', 2])).toBe(3);
    expect(await service.query(['get', 'a'])).toBe(3);
    expect(connections).toEqual([]);
  });

  it('has its commands carried out by the leader, wherever that is, and its queries answered here', async () => {
    const { leader, follower } = roles();
    const service = cluster.service(follower);
    expect(await service.command(['put', 'a', 1])).toBe(null);
    expect(connections).toEqual([cluster.addresses.get(leader)]);
    for (let i = 1; i <= 20; i++) {
      expect(await service.command(['add', 'a', 1])).toBe(i + 1);
      expect(await service.query(['get', 'a'])).toBe(i + 1);
    }
    expect(await service.query(['get', 'a'], { consistency: { maxStaleMs: 60_000 } })).toBe(21);
    expect(await service.query(['get', 'a'], { consistency: 'local' })).toBe(21);
    expect(connections).toHaveLength(1);
  });

  it('goes on with the next leader, and each command takes effect once', async () => {
    const { leader, follower } = roles();
    const service = cluster.service(follower);
    const results: unknown[] = [];
    let running = true;
    const load = Array.from({ length: 5 }, async () => {
      while (running) results.push(await service.command(['add', 'counter', 1]));
    });
    await eventually('results', () => results.length > 20);
    await cluster.stop(leader);
    const before = results.length;
    await eventually('results of another leader', () => results.length > before + 20);
    running = false;
    await Promise.all(load);
    expect(new Set(results).size).toBe(results.length);
    expect(await service.query(['get', 'counter'])).toBe(results.length);
  });

  it('gets the errors of any client', async () => {
    const service = cluster.service(roles().follower);
    await expect(service.command('no command')).rejects.toMatchObject({
      code: 'INVALID_COMMAND',
      outcome: 'definite',
    });
    await expect(service.query('no query')).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    const signal = AbortSignal.abort('not wanted');
    await expect(service.command(['put', 'a', 1], { signal })).rejects.toMatchObject({
      code: 'ABORTED',
      outcome: 'definite',
    });
  });

  it('is told that the member has stopped', async () => {
    const { leader } = roles();
    const service = cluster.service(leader);
    await cluster.stop(leader);
    await expect(service.command(['put', 'a', 1])).rejects.toMatchObject({
      code: 'STOPPED',
      outcome: 'definite',
    });
    await expect(service.query(['get', 'a'])).rejects.toMatchObject({ code: 'STOPPED' });
  });
});

describe('a member alone', () => {
  it('that can reach no other one refuses what only the leader may do', async () => {
    const member = await TestMember.start();
    member.replica.become('follower', 1, 2);
    await expect(member.service.command(['put', 'a', 1])).rejects.toMatchObject({
      code: 'NOT_LEADER',
      message: expect.stringContaining('two:2 leads'),
      outcome: 'definite',
    });
    await member.service.close();
  });

  it('hands out no object of its machine', async () => {
    const member = await TestMember.lead();
    const own = { inner: [1] };
    member.machine.answering = Promise.resolve(own);
    const answer = await member.service.query(['get', 'a'], { consistency: 'local' });
    expect(answer).toEqual(own);
    expect(answer).not.toBe(own);
    await member.service.close();
  });

  it('that has not begun to serve says so when the time is over', async () => {
    const machine = new KeyValueMachine();
    await using service = await StateMachineService.open({ machine, clientAddresses: new Map() });
    await expect(service.command(['put', 'a', 1], { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'definite',
    });
  });

  it('that stops leaves unknown what it had proposed', async () => {
    const member = await TestMember.lead();
    const session = member.service.command(['put', 'a', 1], { timeoutMs: 10_000 });
    const settled = session.catch((error: unknown) => error);
    const { replica } = member;
    const proposed = async (count: number) => {
      while (replica.log.length < count) {
        member.clock.advance(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await proposed(1);
    await member.commit();
    await proposed(2);
    await member.service.close();
    expect(await settled).toMatchObject({ code: 'STOPPED', outcome: 'unknown' });
  });
});
