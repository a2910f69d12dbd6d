import { MemoryRpcNetwork } from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client/client.js';
import { TestCluster } from './test-cluster.test.support.js';

for (const leaseReads of [undefined, { maxClockDrift: 0.01 }]) {
  describe(`linearizable queries ${leaseReads === undefined ? 'by rounds' : 'by leases'}`, () => {
    it('are answered by every member, and see what was just acknowledged', async () => {
      await using t = await Reading.start(leaseReads);
      for (let n = 1; n <= 30; n++) {
        expect(await t.writer.command(['add', 'n', 1])).toBe(n);
        const answers = t.readers.map((reader) => reader.query(['get', 'n']));
        expect(await Promise.all([t.writer.query(['get', 'n']), ...answers])).toEqual([n, n, n, n]);
      }
    });

    it('are not answered by a member that is cut off; the next one is asked', async () => {
      await using t = await Reading.start(leaseReads);
      await t.writer.command(['put', 'k', 'old']);
      const leader = t.cluster.leader() ?? 0;
      const follower = t.cluster.ids.find((id) => id !== leader) ?? 0;
      const reader = t.readers[follower - 1];
      expect(await reader?.query(['get', 'k'])).toBe('old');
      t.cutOff(follower);
      await t.writer.command(['put', 'k', 'new']);
      expect(await reader?.query(['get', 'k'], { consistency: 'local' })).toBe('old');
      const old = { consistency: { maxStaleMs: 3_600_000 } };
      expect(await reader?.query(['get', 'k'], old)).toBe('old');
      const recent = { consistency: { maxStaleMs: 0 } };
      expect(await reader?.query(['get', 'k'], recent)).toBe('new');
      expect(await reader?.query(['get', 'k'])).toBe('new');
      const alone = t.readerOf(follower, 1);
      await expect(alone.query(['get', 'k'], { timeoutMs: 500 })).rejects.toMatchObject({
        outcome: 'definite',
      });
    });
  });
}

/** Three members, one who writes, and for each member one who reads from it as long as it serves. */
class Reading implements AsyncDisposable {
  readonly cluster: TestCluster;
  readonly writer: ReplicatedClient;
  readonly readers: readonly ReplicatedClient[];
  readonly #rpc: MemoryRpcNetwork;
  readonly #clients: ReplicatedClient[] = [];

  private constructor(cluster: TestCluster, rpc: MemoryRpcNetwork) {
    this.cluster = cluster;
    this.#rpc = rpc;
    this.writer = this.#client(cluster.ids, 'leader');
    this.readers = cluster.ids.map((id) => this.readerOf(id));
  }

  static async start(leaseReads: { maxClockDrift: number } | undefined): Promise<Reading> {
    const rpc = new MemoryRpcNetwork();
    const leases = leaseReads === undefined ? {} : { leaseReads };
    return new Reading(await TestCluster.start({ rpc, ...leases }), rpc);
  }

  /** Knows `count` members, this one first. */
  readerOf(id: number, count: number = 3): ReplicatedClient {
    const ids = [id, ...this.cluster.ids.filter((other) => other !== id)].slice(0, count);
    return this.#client(ids, 'any');
  }

  cutOff(id: number): void {
    for (const other of this.cluster.ids) {
      this.cluster.network.disconnect(id, other);
      this.cluster.network.disconnect(other, id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.cluster[Symbol.asyncDispose]();
  }

  #client(ids: readonly number[], readFrom: 'leader' | 'any'): ReplicatedClient {
    const client = new ReplicatedClient({
      addresses: ids.map((id) => this.cluster.addresses.get(id) ?? ''),
      network: this.#rpc,
      timeoutMs: 3_600_000,
      readFrom,
      random: () => 0,
    });
    this.#clients.push(client);
    return client;
  }
}
