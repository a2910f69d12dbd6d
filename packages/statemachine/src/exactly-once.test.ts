import { MemoryRpcNetwork } from '@raft-ts/net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client/client.js';
import { StateMachineError } from './errors.js';
import { FaultyRpcNetwork } from './faulty-rpc.test.support.js';
import { TestCluster } from './test-cluster.test.support.js';

/** Of each client. */
const COMMANDS = 1500;

type Fate = 'done' | 'not done' | 'unknown';

/** Numbers that look random, always the same from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Stops, cuts off and brings back members until `ended`. */
async function torment(cluster: TestCluster, random: () => number, ended: () => boolean) {
  const { ids, network } = cluster;
  while (!ended()) {
    const id = ids[Math.floor(random() * ids.length)] ?? 1;
    const others = ids.filter((other) => other !== id);
    if (random() < 0.5) {
      await cluster.stop(id);
      await pause(random() * 200);
      await cluster.start(id);
    } else {
      for (const other of others) network.disconnect(id, other);
      if (random() < 0.5) for (const other of others) network.disconnect(other, id);
      await pause(random() * 400);
      for (const other of others) network.reconnect(id, other);
      for (const other of others) network.reconnect(other, id);
    }
    await pause(random() * 100);
  }
}

/** Sends commands that each add 1 to a key of their own; returns what became of them. */
async function work(client: ReplicatedClient, name: string, count: number, timeoutMs: number) {
  const fates = new Map<string, Fate>();
  const one = async (key: string) => {
    try {
      // A second effect would show as 2.
      expect(await client.command(['add', key, 1], { timeoutMs })).toBe(1);
      fates.set(key, 'done');
    } catch (error) {
      if (!(error instanceof StateMachineError)) throw error;
      fates.set(key, error.outcome === 'unknown' ? 'unknown' : 'not done');
    }
  };
  for (let sent = 0; sent < count; sent += 10) {
    const keys = Array.from(
      { length: 10 },
      (_, i) => `${name}/${String(sent + i).padStart(5, '0')}`,
    );
    await Promise.all(keys.map(one));
  }
  return fates;
}

describe('commands', () => {
  it('take effect once, or not at all where that was said, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = randomFrom(seed);
        const rpc = new FaultyRpcNetwork(new MemoryRpcNetwork(), random, {
          breakBefore: 0.01,
          breakAfter: 0.01,
          repeat: 0.05,
        });
        const cluster = await TestCluster.start({ rpc });
        const connect = () =>
          new ReplicatedClient({
            addresses: [...cluster.addresses.values()],
            network: rpc,
            random,
          });
        const clients = [connect(), connect(), connect()];
        try {
          let ended = false;
          const trouble = torment(cluster, random, () => ended);
          const all = await Promise.all(
            clients.map((client, i) =>
              work(client, `client${i}`, COMMANDS, i === 0 ? 100 : 3_600_000),
            ),
          );
          ended = true;
          rpc.healed = true;
          await trouble;
          const found = await everything(clients[0] ?? connect());
          for (const [key, fate] of all.flatMap((fates) => [...fates])) {
            if (fate === 'done') expect([key, found.get(key)]).toEqual([key, 1]);
            if (fate === 'not done') expect([key, found.get(key)]).toEqual([key, undefined]);
            if (fate === 'unknown') expect([1, undefined]).toContain(found.get(key));
          }
          // Those with time enough have all succeeded, but for what a session's end left open.
          expect([...(all[1] ?? [])].filter(([, fate]) => fate === 'done').length).toBe(COMMANDS);
          await sameEverywhere(cluster);
        } finally {
          await Promise.all(clients.map((client) => client.close()));
          await cluster[Symbol.asyncDispose]();
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});

async function everything(client: ReplicatedClient): Promise<Map<unknown, unknown>> {
  const found = new Map<unknown, unknown>();
  let after = '';
  for (;;) {
    const page = (await client.query(['list', after, 1000])) as [string, unknown][];
    for (const [key, value] of page) found.set(key, value);
    const last = page.at(-1);
    if (last === undefined) return found;
    after = last[0];
  }
}

/** All members come to hold the same rows, the sessions' included. */
async function sameEverywhere(cluster: TestCluster): Promise<void> {
  const applied = () => new Set(cluster.ids.map((id) => cluster.service(id).appliedIndex));
  const settled = () =>
    cluster.ids.every((id) => cluster.service(id).status().pendingRequests === 0);
  while (applied().size > 1 || !settled()) await pause(10);
  const rows = cluster.ids.map((id) =>
    [...cluster.rows(id)]
      .map(([key, value]) => `${key}=${Buffer.from(value).toString('hex')}`)
      .sort(),
  );
  for (const other of rows) expect(other).toEqual(rows[0]);
}
