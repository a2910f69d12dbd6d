import { MemoryRpcNetwork } from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from '../client/client.js';
import { KeyValueMachine } from '../machine/key-value-machine.js';
import { FakeReplica, ManualClock } from '../service/fake-member.test.support.js';
import { StateMachineService } from '../service/service.js';
import { TestCluster } from '../test-cluster.test.support.js';
import type { CompactionPolicy } from './compaction-policy.js';

const POLICY = { everyEntries: 20, keepEntries: 5 };

function extentOf(cluster: TestCluster, id: number) {
  const { firstIndex = 0, lastIndex = 0 } = cluster.service(id).status().replica ?? {};
  return { firstIndex, lastIndex, entries: lastIndex - firstIndex + 1 };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("members' logs", () => {
  it('are cut on all members, not above what one lacks, and serve after a restart', async () => {
    const rpc = new MemoryRpcNetwork();
    await using cluster = await TestCluster.start({ rpc, service: { compaction: POLICY } });
    const addresses = [...cluster.addresses.values()];
    await using client = new ReplicatedClient({ addresses, network: rpc, timeoutMs: 60_000 });
    const add = async (times: number) => {
      for (let n = 0; n < times; n++) await client.command(['add', 'n', 1]);
    };
    await add(40);
    await until(() => cluster.ids.every((id) => extentOf(cluster, id).entries <= 20));
    const away = cluster.ids.find((id) => id !== cluster.leader()) ?? 0;
    const { lastIndex: held } = extentOf(cluster, away);
    await cluster.stop(away);
    await add(100);
    const present = cluster.ids.filter((id) => id !== away);
    await until(() => present.every((id) => extentOf(cluster, id).lastIndex >= held + 100));
    await cluster.start(away);
    await until(() => extentOf(cluster, away).lastIndex >= held + 100);
    await until(() => cluster.ids.every((id) => extentOf(cluster, id).entries <= 20));
    for (const id of cluster.ids) {
      await cluster.stop(id);
      await cluster.start(id);
    }
    await add(1);
    expect(await client.query(['get', 'n'])).toBe(141);
  });
});

describe('a service', () => {
  /** What a member whose log is long is told to compact. */
  async function compacted(
    fetchesStates: boolean,
    compaction?: Partial<CompactionPolicy>,
  ): Promise<readonly number[]> {
    const clock = new ManualClock();
    const machine = new KeyValueMachine();
    await using service = await StateMachineService.open({
      machine,
      clientAddresses: new Map([[1, 'one:1']]),
      clock,
      ...(compaction === undefined ? {} : { compaction }),
    });
    const replica = new FakeReplica();
    replica.fetchesStates = fetchesStates;
    service.serve(replica);
    machine.commit(1_000_000, []);
    Object.assign(replica.extent, { lastIndex: 1_000_001, heldByAll: 1_000_001 });
    service.apply([{ index: 1_000_001, term: 1, type: 0, data: Buffer.alloc(0) }]);
    clock.advance(1_000);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return replica.compacted;
  }

  it('cuts by default where the members can fetch states', async () => {
    expect(await compacted(true)).toEqual([900_001]);
    expect(await compacted(false)).toEqual([]);
    expect(await compacted(false, {})).toEqual([900_001]);
  });
});
