import { type Clock, MemoryRpcNetwork, systemClock, type WireValue } from '@raft-ts/net';
import type { MemberId } from 'raft-ts';
import { afterEach, expect, it } from 'vitest';
import { ReplicatedClient } from '../client/client.js';
import { KeyValueMachine, type KeyValueRows } from '../machine/key-value-machine.js';
import { RpcMethod } from '../rpc-methods.js';
import { TestCluster } from '../test-cluster.test.support.js';

/** Of services: comparisons, deadlines and the log's time go so much faster. */
const FASTER = 25;

const fastClock: Clock = {
  monotonicMs: () => systemClock.monotonicMs() * FASTER,
  wallMs: () => systemClock.wallMs(),
  after: (delayMs, callback) => systemClock.after(delayMs / FASTER, callback),
  afterInput: (callback) => systemClock.afterInput(callback),
};

/** Does what it is told, until it is to be wrong. */
class UnsteadyMachine extends KeyValueMachine {
  wrong = false;

  override apply(...command: Parameters<KeyValueMachine['apply']>): WireValue {
    const result = super.apply(...command);
    return this.wrong ? 'something else' : result;
  }
}

interface Parts {
  readonly rpc: MemoryRpcNetwork;
  readonly cluster: TestCluster;
  readonly client: ReplicatedClient;
  readonly said: string[];
  machine(id: MemberId): UnsteadyMachine;
}

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function start(size: number): Promise<Parts> {
  const rpc = new MemoryRpcNetwork();
  const machines = new Map<KeyValueRows, UnsteadyMachine>();
  const said: string[] = [];
  const cluster = await TestCluster.start({
    rpc,
    size,
    machine: (rows) => {
      const machine = new UnsteadyMachine(rows);
      machines.set(rows, machine);
      return machine as never;
    },
    service: { network: rpc, clock: fastClock, onDifference: (text) => said.push(text) },
  });
  const client = new ReplicatedClient({ addresses: [...cluster.addresses.values()], network: rpc });
  open.push(cluster, client);
  const machine = (id: MemberId) => {
    const found = machines.get(cluster.rows(id));
    if (found === undefined) throw new Error(`member ${id} has no machine`);
    return found;
  };
  return { rpc, cluster, client, said, machine };
}

/** Waits until something is so. */
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function leaderOf(cluster: TestCluster): Promise<MemberId> {
  return until(() => cluster.leader());
}

/** What a member says of its hashes. */
async function hashesOf({ rpc, cluster }: Parts, id: MemberId) {
  const connection = await rpc.connect(cluster.addresses.get(id) ?? '');
  const answer = await connection.request(RpcMethod.StateHashes, null);
  await connection.close();
  const [known, hashes] = answer as unknown as [
    boolean,
    (readonly [index: number, hash: number])[],
  ];
  return { known, hashes };
}

/** Waits until all members know their hashes, with a checkpoint at the last entry of all. */
async function equalHashes(parts: Parts): Promise<void> {
  const { cluster } = parts;
  for (;;) {
    const all = await Promise.all(cluster.ids.map((id) => hashesOf(parts, id)));
    const applied = cluster.ids.map((id) => cluster.service(id).appliedIndex);
    const newest = all.map(({ known, hashes }) => (known ? hashes.at(-1)?.[0] : undefined));
    if (newest.every((index) => index === applied[0]) && new Set(applied).size === 1) {
      for (const { hashes } of all) expect(hashes).toEqual(all[0]?.hashes);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it.each(['a follower', 'the leader'])(
  '%s whose machine does something else stops for good, and the others go on',
  async (who) => {
    const { cluster, client, machine, said } = await start(3);
    await client.command(['add', 'k', 1]);
    const leader = await leaderOf(cluster);
    const wrong = who === 'the leader' ? leader : (leader % 3) + 1;
    machine(wrong).wrong = true;
    await client.command(['add', 'k', 1]).catch(() => {});
    const error = await cluster.stopped(wrong);
    expect(error).toMatchObject({ code: 'STATE_DIVERGED' });
    expect(cluster.service(wrong).status()).toMatchObject({
      stopped: true,
      stoppedBy: error?.message,
    });
    expect(said[0]).toContain(`the state of member ${wrong} at entry`);

    await cluster.stop(wrong);
    await expect(cluster.start(wrong)).rejects.toMatchObject({ code: 'STATE_DIVERGED' });
    await client.command(['add', 'other', 1]);
    for (const id of cluster.ids.filter((each) => each !== wrong)) {
      expect(cluster.service(id).status().stopped).toBe(false);
    }
  },
);

it('where no majority has the same, the leader says so and all go on', async () => {
  const { cluster, client, machine, said } = await start(2);
  await client.command(['add', 'k', 1]);
  const leader = await leaderOf(cluster);
  machine(leader).wrong = true;
  await client.command(['add', 'k', 1]);
  const difference = await until(() => cluster.service(leader).status().difference);
  expect(difference).toMatch(/different states at entry \d+ .*no majority of the voters/);
  expect(said).toEqual([difference]);
  machine(leader).wrong = false;
  await client.command(['add', 'other', 1]);
  expect(cluster.ids.map((id) => cluster.service(id).status().stopped)).toEqual([false, false]);
});

it('members that were away or restarted have the same hashes, up to the last entry of all', async () => {
  const parts = await start(3);
  const { cluster, client } = parts;
  await client.command(['add', 'k', 1]);
  const away = ((await leaderOf(cluster)) % 3) + 1;
  await cluster.stop(away);
  await client.command(['add', 'k', 1]);
  await cluster.start(away);
  await equalHashes(parts);
  expect(parts.said).toEqual([]);
});

it('with a member whose state came without hashes all count anew, once every one answers', async () => {
  const parts = await start(3);
  const { cluster, client } = parts;
  await client.command(['add', 'k', 1]);
  const without = ((await leaderOf(cluster)) % 3) + 1;
  await cluster.stop(without);
  const rows = cluster.rows(without);
  for (const key of rows.keys()) if (/^f[\x02\x03]/.test(key)) rows.delete(key);
  await cluster.start(without);
  expect((await hashesOf(parts, without)).known).toBe(false);
  await equalHashes(parts);
  expect(parts.said).toEqual([]);
});
