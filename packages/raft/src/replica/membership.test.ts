import { afterEach, describe, expect, it } from 'vitest';
import type { Entry, MemberId } from '../core/log/entry.js';
import { EntryType } from '../core/log/entry.js';
import type { LogBase } from '../core/log/log-state.js';
import type { Endpoints } from '../core/membership/endpoints.js';
import { MemoryLogDisk, MemoryLogStore } from '../log/memory-log-store.js';
import type { FetchedSnapshot, SnapshotSource } from '../snapshot/snapshot-source.js';
import { MemoryNetwork } from '../transport/memory-transport.js';
import type { Applier } from './applier.js';
import { Replica } from './replica.js';
import type { ReplicaOptions } from './replica-options.js';

/** Lines, kept with the index that they reach. */
class Lines implements Applier {
  appliedIndex = 0;
  lines: string[] = [];

  appended(): void {}

  apply(entries: readonly Entry[]): undefined {
    for (const { index, type, data } of entries) {
      if (type === EntryType.Command) this.lines.push(Buffer.from(data).toString());
      this.appliedIndex = index;
    }
  }
}

class Cluster {
  readonly network = new MemoryNetwork();
  readonly lines = new Map<MemberId, Lines>();
  readonly disks = new Map<MemberId, MemoryLogDisk>();
  readonly replicas = new Map<MemberId, Replica>();
  /** Fetches so far, and whether the next ones fail. */
  fetches = 0;
  fetchFails = false;

  async start(id: MemberId, initialVoters: readonly MemberId[]): Promise<Replica> {
    const lines = this.lines.get(id) ?? new Lines();
    const disk = this.disks.get(id) ?? new MemoryLogDisk();
    this.lines.set(id, lines);
    this.disks.set(id, disk);
    const options: ReplicaOptions = {
      id,
      clusterId: 'test',
      initialVoters,
      log: MemoryLogStore.open(disk),
      transport: this.network.transport(id),
      applier: lines,
      snapshots: this.#source(id),
      tickMs: 2,
    };
    const replica = await Replica.start(options);
    this.replicas.set(id, replica);
    return replica;
  }

  #source(id: MemberId): SnapshotSource {
    return {
      fetch: async ({ from }): Promise<FetchedSnapshot> => {
        this.fetches++;
        const source = this.lines.get(from);
        const base = this.replicas.get(from)?.baseAt(source?.appliedIndex ?? 0);
        if (this.fetchFails || source === undefined || base === undefined) throw new Error('no');
        return this.#snapshot(id, base, [...source.lines]);
      },
    };
  }

  #snapshot(id: MemberId, base: LogBase, lines: string[]): FetchedSnapshot {
    return {
      base,
      install: async () => {
        Object.assign(this.lines.get(id) ?? {}, { lines, appliedIndex: base.index });
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  /** Once it has written down whom it has heard from: until then no change is taken in. */
  async leader(): Promise<Replica> {
    for (;;) {
      for (const replica of this.replicas.values()) {
        const { role, membership } = replica.status();
        if (role === 'leader' && membership.unheard.length === 0) return replica;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.replicas.values()].map((replica) => replica.stop()));
  }
}

describe('Replica, changing who takes part', () => {
  const clusters: Cluster[] = [];

  async function cluster(...voters: readonly MemberId[]): Promise<Cluster> {
    const made = new Cluster();
    clusters.push(made);
    for (const id of voters) await made.start(id, voters);
    return made;
  }

  afterEach(async () => {
    await Promise.all(clusters.splice(0).map((made) => made.stop()));
  });

  /** Waits until a member has applied so many lines. */
  async function applied(c: Cluster, id: MemberId, count: number): Promise<readonly string[]> {
    const replica = c.replicas.get(id);
    await replica?.until(() => ((c.lines.get(id)?.lines.length ?? 0) >= count ? true : undefined));
    return c.lines.get(id)?.lines ?? [];
  }

  it('refuses endpoints that are no addresses before anything is in the log', async () => {
    const c = await cluster(1);
    const leader = await c.leader();
    const { lastIndex } = leader.status();
    const add = (endpoints: Endpoints) => leader.addMember(2, endpoints);
    for (const refused of [
      add({ member: 'nowhere' }),
      add({ member: 'two:1', client: '' }),
      leader.changeMembership({
        changes: [{ type: 'update', id: 1, endpoints: { member: 'one:70000' } }],
        transition: 'auto',
      }),
    ]) {
      await expect(refused).rejects.toMatchObject({
        code: 'CHANGE_REFUSED',
        message: expect.stringContaining('is no address: it must be host:port'),
        details: { reason: 'invalid-change' },
      });
    }
    expect(leader.status().lastIndex).toBe(lastIndex);
  });

  it('refuses founding endpoints that are no addresses', async () => {
    const options = {
      id: 1,
      clusterId: 'c',
      initialVoters: [1],
      initialEndpoints: { 1: { member: 'nowhere' } },
      log: MemoryLogStore.open(),
      transport: new MemoryNetwork().transport(1),
      applier: new Lines(),
    };
    await expect(Replica.start(options)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(/^initialEndpoints\[1\].member must be host:port/),
    });
  });

  it('grows from one member to three and shrinks to another one', async () => {
    const c = await cluster(1);
    const first = await c.leader();
    first.propose(Buffer.from('a'));
    for (const id of [2, 3]) {
      await c.start(id, []);
      await first.addMember(id, { member: `member-${id}:1` });
    }
    expect(first.status().membership.configuration.voters).toEqual([1, 2, 3]);
    expect(first.status().membership.endpoints).toMatchObject({ 3: { member: 'member-3:1' } });
    expect(await applied(c, 3, 1)).toEqual(['a']);
    // Safe to call again.
    await first.addMember(3);
    await first.transferLeadership(3);
    const third = await c.leader();
    expect(third.status().id).toBe(3);
    await third.changeMembership({
      changes: [
        { type: 'remove', id: 1 },
        { type: 'remove', id: 2 },
      ],
      transition: 'auto',
    });
    await third.until(
      () => third.status().membership.configuration.outgoing.length === 0 || undefined,
    );
    third.propose(Buffer.from('b'));
    expect(await applied(c, 3, 2)).toEqual(['a', 'b']);
  });

  it('gives up adding a member that is removed before it has caught up', async () => {
    const c = await cluster(1);
    const leader = await c.leader();
    const added = leader.addMember(2);
    const ended = expect(added).rejects.toMatchObject({ code: 'CHANGE_REFUSED' });
    await leader.until(
      () => leader.status().membership.configuration.learners.length > 0 || undefined,
    );
    await leader.changeMembership({ changes: [{ type: 'remove', id: 2 }], transition: 'auto' });
    await ended;
  });

  it('ends as unknown when no leader is there that could tell', async () => {
    const c = await cluster(1, 2, 3);
    const leader = await c.leader();
    for (const replica of c.replicas.values()) if (replica !== leader) await replica.stop();
    const change = { changes: [{ type: 'add-learner', id: 4 }], transition: 'auto' } as const;
    await expect(leader.changeMembership(change)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });

  it('says definitely what was refused, and by whom it can be done', async () => {
    const c = await cluster(1, 2, 3);
    const leader = await c.leader();
    const change = { changes: [{ type: 'add-voter', id: 9 }], transition: 'auto' } as const;
    await expect(leader.changeMembership(change)).rejects.toMatchObject({
      code: 'CHANGE_REFUSED',
      details: { reason: 'not-caught-up' },
    });
    const follower = [...c.replicas.values()].find((replica) => replica !== leader);
    await follower?.until(() => follower.status().leader === leader.status().id || undefined);
    const notLeader = { code: 'NOT_LEADER', details: { leader: leader.status().id } };
    await expect(follower?.changeMembership(change)).rejects.toMatchObject(notLeader);
    await expect(follower?.transferLeadership(1)).rejects.toMatchObject(notLeader);
    await expect(leader.transferLeadership(9)).rejects.toMatchObject({ code: 'TRANSFER_REFUSED' });
  });

  it('ends a call that is given up, and one whose member stops', async () => {
    const c = await cluster(1, 2, 3);
    const leader = await c.leader();
    await leader.until(() => leader.status().commit > 1 || undefined);
    const others = [...c.replicas.values()].filter((replica) => replica !== leader);
    await Promise.all(others.map((replica) => replica.stop()));
    const change = { changes: [{ type: 'add-learner', id: 9 }], transition: 'auto' } as const;
    const controller = new AbortController();
    const given = leader.changeMembership(change, controller.signal);
    controller.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    const waiting = leader.until(() => undefined);
    const transfer = leader.transferLeadership(others[0]?.status().id ?? 0);
    const ends = Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'REPLICA_STOPPED' }),
      expect(transfer).rejects.toMatchObject({ code: 'REPLICA_STOPPED' }),
    ]);
    await leader.stop();
    await ends;
  });

  it('brings a newcomer up to date from a state when the entries are gone', async () => {
    const c = await cluster(1);
    const leader = await c.leader();
    for (const text of ['a', 'b', 'c']) leader.propose(Buffer.from(text));
    await applied(c, 1, 3);
    leader.compact(c.lines.get(1)?.appliedIndex ?? 0);
    c.fetchFails = true;
    await c.start(2, []);
    const added = leader.addMember(2);
    await leader.until(() => c.fetches > 1 || undefined);
    c.fetchFails = false;
    await added;
    leader.propose(Buffer.from('d'));
    expect(await applied(c, 2, 4)).toEqual(['a', 'b', 'c', 'd']);
    expect(c.disks.get(2)?.base.index).toBeGreaterThan(0);
  });

  it('takes a member back whose log is gone and whose state is not, applying nothing twice', async () => {
    const c = await cluster(1, 2, 3);
    const leader = await c.leader();
    for (const text of ['a', 'b', 'c']) leader.propose(Buffer.from(text));
    const lost = [1, 2, 3].find((id) => id !== leader.status().id) ?? 0;
    await applied(c, lost, 3);
    await c.replicas.get(lost)?.stop();
    c.disks.set(lost, new MemoryLogDisk());
    const back = await c.start(lost, [1, 2, 3]);
    expect(back.status().recovering).toBe(true);
    await back.until(() => (back.status().recovering ? undefined : true));
    leader.propose(Buffer.from('d'));
    expect(await applied(c, lost, 4)).toEqual(['a', 'b', 'c', 'd']);
  });
});
