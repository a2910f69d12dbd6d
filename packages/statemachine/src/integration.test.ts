import { MAX_VALUE_DEPTH, MemoryRpcNetwork, type WireValue } from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client/client.js';
import { TestCluster } from './test-cluster.test.support.js';

async function clusterWithClient(rpc = new MemoryRpcNetwork()) {
  const cluster = await TestCluster.start({ rpc });
  const client = new ReplicatedClient({
    addresses: [...cluster.addresses.values()],
    network: rpc,
    timeoutMs: 3_600_000,
  });
  return { cluster, client };
}

describe('three members and a client in one process', () => {
  it('carries out commands and answers queries', async () => {
    const { cluster, client } = await clusterWithClient();
    try {
      expect(await client.command(['put', 'a', 1])).toBe(null);
      expect(await client.command(['add', 'a', 2])).toBe(3);
      expect(await client.query(['get', 'a'])).toBe(3);
      const many = await Promise.all(
        Array.from({ length: 3000 }, () => client.command(['add', 'counter', 1])),
      );
      expect(new Set(many).size).toBe(3000);
      expect(await client.query(['get', 'counter'])).toBe(3000);
    } finally {
      await client.close();
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('applies each command once while leaders are stopped and started again', async () => {
    const { cluster, client } = await clusterWithClient();
    try {
      const results: unknown[] = [];
      let running = true;
      const load = Array.from({ length: 20 }, async () => {
        while (running) results.push(await client.command(['add', 'counter', 1]));
      });
      for (let round = 0; round < 5; round++) {
        const before = results.length;
        await until(() => results.length > before + 200);
        const leader = cluster.leader();
        if (leader === undefined) continue;
        await cluster.stop(leader);
        const stopped = results.length;
        await until(() => results.length > stopped + 50);
        await cluster.start(leader);
      }
      running = false;
      await Promise.all(load);
      expect(new Set(results).size).toBe(results.length);
      expect(await client.query(['get', 'counter'])).toBe(results.length);
    } finally {
      await client.close();
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('finds everything after all members were stopped', async () => {
    const { cluster, client } = await clusterWithClient();
    try {
      await client.command(['put', 'kept', 'value']);
      await Promise.all(cluster.ids.map((id) => cluster.stop(id)));
      const whileDown = client.command(['add', 'n', 1]);
      await Promise.all(cluster.ids.map((id) => cluster.start(id)));
      expect(await whileDown).toBe(1);
      expect(await client.query(['get', 'kept'])).toBe('value');
      await client.command(['add', 'n', 1]);
      expect(await client.query(['get', 'n'])).toBe(2);
    } finally {
      await client.close();
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('ends the session of a client that closes', async () => {
    const { cluster, client } = await clusterWithClient();
    try {
      await client.command(['put', 'a', 1]);
      const leader = cluster.leader() ?? 0;
      expect(cluster.service(leader).status().sessions).toBe(1);
      await client.close();
      await until(() => cluster.service(leader).status().sessions === 0);
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('lets an operator list sessions and end one, whose client opens another', async () => {
    const { cluster, client } = await clusterWithClient();
    try {
      await client.command(['put', 'a', 1]);
      const [session, ...others] = await client.sessions();
      expect(others).toEqual([]);
      expect(session).toMatchObject({ host: 'memory', savedResults: 1 });
      await client.endSession(session?.id ?? 0);
      expect(await client.sessions()).toEqual([]);
      expect(await client.command(['add', 'a', 1])).toBe(2);
      const [next] = await client.sessions();
      expect(next?.id).toBeGreaterThan(session?.id ?? 0);
    } finally {
      await client.close();
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('closes a client without waiting for a majority that is gone', async () => {
    const { cluster, client } = await clusterWithClient();
    try {
      await client.command(['put', 'a', 1]);
      const leader = cluster.leader() ?? 0;
      const others = cluster.ids.filter((id) => id !== leader);
      await Promise.all(others.map((id) => cluster.stop(id)));
      let closed = false;
      void client.close().then(() => {
        closed = true;
      });
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(closed).toBe(true);
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('keeps what is nested as deep as documented, lists it, and refuses what is deeper', async () => {
    const { cluster, client } = await clusterWithClient();
    const nested = (depth: number): WireValue => (depth === 0 ? 'x' : [nested(depth - 1)]);
    const deepest = nested(MAX_VALUE_DEPTH);
    try {
      expect(await client.command(['put', 'a', deepest])).toBe(null);
      expect(await client.command(['put', 'a', deepest])).toEqual(deepest);
      expect(await client.query(['list', '', 10])).toEqual([['a', deepest]]);
      const tooDeep = client.command(['put', 'a', nested(MAX_VALUE_DEPTH + 1)]);
      await expect(tooDeep).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    } finally {
      await client.close();
      await cluster[Symbol.asyncDispose]();
    }
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
