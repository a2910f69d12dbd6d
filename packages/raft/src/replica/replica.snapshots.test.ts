import { afterEach, describe, expect, it } from 'vitest';
import { EntryType } from '../core/log/entry.js';
import type { LogBase } from '../core/log/log-state.js';
import { EMPTY_MEMBERSHIP } from '../core/membership/membership.js';
import type { Message } from '../core/message.js';
import { MemoryLogStore } from '../log/memory-log-store.js';
import type { FetchedSnapshot, SnapshotRequest } from '../snapshot/snapshot-source.js';
import type { Replica } from './replica.js';
import { Fixture } from './replica.test.support.js';
import type { ReplicaEvent } from './replica-event.js';

const offerOf = (index: number): Message => ({
  type: 'snapshot-offer',
  heard: true,
  from: 2,
  to: 1,
  term: 2,
  index,
  indexTerm: 2,
  peers: [],
});

/** Fetches that a test decides about. */
class Source {
  readonly requests: (SnapshotRequest & { readonly atMs: number })[] = [];
  readonly done: string[] = [];
  base: LogBase | undefined;
  readonly #clock: Fixture['clock'];

  constructor(f: Fixture) {
    this.#clock = f.clock;
  }

  async fetch(request: SnapshotRequest): Promise<FetchedSnapshot> {
    this.requests.push({ ...request, atMs: this.#clock.monotonicMs() });
    if (this.base === undefined) throw new Error('nobody serves it');
    return {
      base: this.base,
      install: async () => {
        this.done.push('installed');
      },
      [Symbol.asyncDispose]: async () => {
        this.done.push('disposed');
      },
    };
  }
}

describe('Replica, fetching a state', () => {
  let replica: Replica | undefined;

  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
  });

  it('tells of failures, and pauses longer after each, whatever is offered meanwhile', async () => {
    const f = new Fixture();
    const source = new Source(f);
    const events: ReplicaEvent[] = [];
    replica = await f.start([1, 2, 3], {}, { snapshots: source, onEvent: (e) => events.push(e) });
    for (let index = 50; f.clock.monotonicMs() < 60_000; index++) {
      f.transport.receive(offerOf(index));
      await f.clock.pass(100);
    }
    // With no jitter drawn: half of 200, 400, 800, ... up to half of 10,000.
    const times = source.requests.map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
    expect(pauses.slice(0, 6)).toEqual([100, 200, 400, 800, 1600, 3200]);
    expect(new Set(pauses.slice(6))).toEqual(new Set([5000]));
    expect(events.map(({ failures }) => failures)).toEqual(times.map((_, i) => i + 1));
    expect(events[3]).toMatchObject({
      type: 'snapshot-fetch-failed',
      from: 2,
      error: { message: 'nobody serves it' },
      retryInMs: 800,
    });
    expect(replica.status().snapshotFailure).toEqual({
      failures: events.length,
      message: 'nobody serves it',
    });
    source.base = { index: 1000, term: 2, membership: replica.status().membership };
    f.transport.receive(offerOf(1000));
    await f.clock.pass(5000);
    expect(replica.status()).toMatchObject({ applied: 1000, snapshotFailure: undefined });
  });

  it('tells that it names no source, and goes on voting', async () => {
    const f = new Fixture();
    const events: ReplicaEvent[] = [];
    replica = await f.start([1, 2, 3], {}, { onEvent: (e) => events.push(e) });
    f.transport.receive(offerOf(50));
    await f.clock.pass(40);
    expect(events).toMatchObject([{ error: { code: 'SNAPSHOT_FAILED' } }]);
    expect(f.transport.sent.at(-1)).toMatchObject({ type: 'snapshot-failed', index: 50 });
  });

  it('lets the state machine read what was installed anew before anything is applied', async () => {
    const f = new Fixture();
    const source = new Source(f);
    let reread: () => void = () => {};
    const applier = Object.assign(f.applier, {
      installed: async (index: number) => {
        source.done.push(`read anew as of ${index}`);
        await new Promise<void>((resolve) => {
          reread = resolve;
        });
      },
    });
    replica = await f.start([1, 2, 3], {}, { snapshots: source });
    source.base = { index: 50, term: 2, membership: replica.status().membership };
    f.transport.receive(offerOf(50));
    await f.clock.handleInput();
    const entry = { index: 51, term: 2, type: EntryType.Command, data: Buffer.from('next') };
    const append = { type: 'append', heard: true, from: 2, to: 1, term: 2 } as const;
    const next: Message = { ...append, prevIndex: 50, prevTerm: 2, commit: 51, entries: [entry] };
    f.transport.receive(next);
    await f.clock.handleInput();
    expect(source.done.slice(0, 3)).toEqual(['installed', 'disposed', 'read anew as of 50']);
    expect(applier.texts()).toEqual([]);
    reread();
    await f.clock.handleInput();
    f.transport.receive(next);
    await f.clock.handleInput();
    expect(applier.texts()).toEqual(['next']);
  });

  describe('that is older than where the log begins', () => {
    async function startedAt(applied: number, snapshots?: Source): Promise<Fixture> {
      const f = new Fixture();
      const configuration = { ...EMPTY_MEMBERSHIP.configuration, voters: [1] };
      await f.log.close();
      f.disk.write({
        base: { index: 5, term: 1, membership: { ...EMPTY_MEMBERSHIP, configuration } },
        hardState: { term: 1, votedFor: 0, commit: 5, recovery: 0 },
        entries: [],
      });
      f.log = MemoryLogStore.open(f.disk);
      f.applier.appliedIndex = applied;
      replica = await f.start([1], {}, snapshots === undefined ? {} : { snapshots });
      return f;
    }

    it('refuses to start where there is no source', async () => {
      await expect(startedAt(3)).rejects.toMatchObject({ code: 'STATE_MISSING' });
      await expect(startedAt(0)).rejects.toMatchObject({ code: 'STATE_MISSING' });
      await expect(startedAt(5)).resolves.toBeDefined();
    });

    it('is fetched though nobody leads, and then this member can', async () => {
      const source = new Source(new Fixture());
      const f = await startedAt(3, source);
      await f.clock.pass(1000);
      expect(source.requests[0]).toMatchObject({ from: 0, index: 5 });
      expect(source.requests.length).toBeGreaterThan(1);
      expect(replica?.status()).toMatchObject({
        role: 'follower',
        applied: 3,
        snapshotFailure: { message: 'nobody serves it' },
      });
      expect(f.transport.sent).toEqual([]);
      source.base = f.disk.base;
      await f.clock.pass(6000);
      expect(source.done).toEqual(['installed', 'disposed']);
      expect(replica?.status()).toMatchObject({ role: 'leader', snapshotFailure: undefined });
    });
  });
});
