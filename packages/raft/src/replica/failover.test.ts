import { afterEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../core/log/entry.js';
import { MemoryLogDisk, MemoryLogStore } from '../log/memory-log-store.js';
import { MemoryNetwork } from '../transport/memory-transport.js';
import { Replica } from './replica.js';

let replicas: Replica[] = [];

afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
});

/** Members of one cluster, and the one of them that leads. */
async function cluster(...ids: readonly MemberId[]): Promise<Replica> {
  const network = new MemoryNetwork();
  replicas = await Promise.all(
    ids.map((id) =>
      Replica.start({
        id,
        clusterId: 'test',
        initialVoters: ids,
        log: MemoryLogStore.open(new MemoryLogDisk()),
        transport: network.transport(id),
        applier: { appliedIndex: 0, appended: () => {}, apply: () => undefined },
        tickMs: 5,
      }),
    ),
  );
  return followed();
}

/** The member that the others follow, once it is not `former`. */
async function followed(former?: Replica): Promise<Replica> {
  for (;;) {
    const others = replicas.filter((replica) => replica !== former);
    const leader = others.find((replica) => replica.status().role === 'leader');
    const id = leader?.status().id;
    if (leader !== undefined && others.every((replica) => replica.status().leader === id)) {
      return leader;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a leader that leaves', () => {
  it('is missed by the others without an election timeout', async () => {
    const leader = await cluster(1, 2, 3);
    await leader.stop();
    await followed(leader);
    const campaigns = replicas
      .flatMap((replica) => replica.status().elections)
      .filter(({ leaderBefore }) => leaderBefore === leader.status().id);
    expect(campaigns.map(({ reason }) => reason)).toContain('leader-ended');
  });

  it('hands over to another, which leads then', async () => {
    const leader = await cluster(1, 2, 3);
    await leader.until(() => (leader.status().progress.some(isHeard(leader)) ? true : undefined));
    expect(await leader.handOver()).toBe(true);
    const next = await followed(leader);
    expect(next.status().elections.at(-1)).toMatchObject({ reason: 'transfer', outcome: 'won' });
    expect(leader.status().role).toBe('follower');
  });

  it('has nobody to hand over to when it is alone, or does not lead', async () => {
    const leader = await cluster(1, 2);
    const follower = replicas.find((replica) => replica !== leader);
    expect(await follower?.handOver()).toBe(false);
    await follower?.stop();
    await leader.until(() => (leader.status().progress.some(isHeard(leader)) ? undefined : true));
    expect(await leader.handOver()).toBe(false);
    await leader.stop();
    expect(await (await cluster(1)).handOver()).toBe(false);
  });
});

function isHeard(leader: Replica) {
  return ({ id, active }: { id: MemberId; active: boolean }) => active && id !== leader.status().id;
}
