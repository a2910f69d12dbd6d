import { EMPTY_CONFIGURATION, EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeReplica, ManualClock } from '../service/fake-member.test.support.js';
import { Compaction } from './compaction.js';
import { type CompactionPolicy, defaultCompactionPolicy } from './compaction-policy.js';

const LOOK_MS = 1_000;

let replica: FakeReplica;
let clock: ManualClock;
/** Flushes of the machine that are under way. */
let flushes: { readonly done: (index: number) => void; readonly failed: (error: Error) => void }[];
let compaction: Compaction;

function begin(policy: Partial<CompactionPolicy>): void {
  compaction = new Compaction({
    policy: { ...defaultCompactionPolicy, ...policy },
    machine: {
      flush: () => new Promise((done, failed) => flushes.push({ done, failed })),
    },
    clock,
    replica: () => replica,
  });
}

/** The log holds entries up to `lastIndex`, all of them applied, and of 100 bytes each. */
function holds(lastIndex: number, heldByAll = lastIndex): void {
  Object.assign(replica.extent, { lastIndex, heldByAll });
  compaction.applied();
}

async function flushed(index: number): Promise<void> {
  flushes.shift()?.done(index);
  await Promise.resolve();
  await Promise.resolve();
}

beforeEach(() => {
  replica = new FakeReplica();
  clock = new ManualClock();
  flushes = [];
});

describe('Compaction', () => {
  it('cuts a log of too many entries, down to those that are to stay', async () => {
    begin({ everyEntries: 100, keepEntries: 30 });
    holds(100);
    clock.advance(LOOK_MS);
    expect(flushes).toHaveLength(0);
    holds(101);
    clock.advance(LOOK_MS);
    await flushed(101);
    expect(replica.compacted).toEqual([71]);
    expect(clock.timers).toBe(1);
    clock.advance(LOOK_MS);
    expect(clock.timers).toBe(0);
  });

  it('cuts a log before it is longer than it may be, to half of that', async () => {
    begin({ everyBytes: 10_000, keepEntries: 80 });
    holds(93);
    clock.advance(LOOK_MS);
    expect(flushes).toHaveLength(0);
    holds(94);
    clock.advance(LOOK_MS);
    await flushed(94);
    expect(replica.compacted).toEqual([44]);
  });

  it('keeps what a member needs that came while the machine made its state durable', async () => {
    begin({ everyEntries: 100, keepEntries: 0 });
    holds(150);
    clock.advance(LOOK_MS);
    Object.assign(replica.extent, { heldByAll: 40 });
    await flushed(150);
    expect(replica.compacted).toEqual([40]);
  });

  it('cuts nothing before the machine holds it durably, and nothing above that', async () => {
    begin({ everyEntries: 100, keepEntries: 0 });
    holds(150);
    clock.advance(LOOK_MS);
    expect(flushes).toHaveLength(1);
    expect(replica.compacted).toEqual([]);
    clock.advance(LOOK_MS);
    expect(flushes).toHaveLength(1);
    await flushed(120);
    expect(replica.compacted).toEqual([120]);
  });

  it('does not ask the machine again for what is known to be durable', async () => {
    begin({ everyEntries: 100, keepEntries: 60 });
    holds(150);
    clock.advance(LOOK_MS);
    await flushed(150);
    holds(210);
    clock.advance(LOOK_MS);
    expect(replica.compacted).toEqual([90, 150]);
    expect(flushes).toHaveLength(0);
  });

  it('keeps what a member lacks, however long the log gets, until it holds that', async () => {
    begin({ everyEntries: 100, keepEntries: 10 });
    holds(1_000, 0);
    clock.advance(LOOK_MS);
    expect(flushes).toHaveLength(0);
    holds(2_000, 400);
    clock.advance(LOOK_MS);
    await flushed(2_000);
    expect(replica.compacted).toEqual([400]);
    // It catches up, and nothing is written meanwhile.
    Object.assign(replica.extent, { heldByAll: 2_000 });
    clock.advance(LOOK_MS);
    expect(replica.compacted).toEqual([400, 1_990]);
  });

  describe('where members can fetch states', () => {
    const member = (id: number) => ({ member: `m${id}:1`, http: `m${id}:3` });

    beforeEach(() => {
      replica.fetchesStates = true;
      replica.membership = {
        ...EMPTY_MEMBERSHIP,
        configuration: { ...EMPTY_CONFIGURATION, voters: [1, 2] },
        endpoints: { 1: member(1), 2: member(2) },
      };
    });

    it('keeps what one that gets on needs, up to a bound', async () => {
      begin({ everyEntries: 100, everyBytes: 20_000, keepEntries: 10, heldBytes: 80_000 });
      holds(500, 100);
      clock.advance(LOOK_MS);
      await flushed(500);
      expect(replica.compacted).toEqual([100]);
      holds(1_000, 100);
      clock.advance(LOOK_MS);
      expect(replica.compacted).toEqual([100, 200]);
      holds(1_000, 990);
      clock.advance(LOOK_MS);
      await flushed(1_000);
      expect(replica.compacted).toEqual([100, 200, 990]);
    });

    it('holds no less than the log may be long anyway', async () => {
      begin({ everyEntries: 100, everyBytes: 40_000, keepEntries: 10, heldBytes: 1 });
      holds(1_000, 0);
      clock.advance(LOOK_MS);
      await flushed(1_000);
      expect(replica.compacted).toEqual([600]);
    });

    it('waits for all while one of them has no http endpoint', () => {
      replica.membership = { ...replica.membership, endpoints: { 1: member(1) } };
      begin({ everyEntries: 100, keepEntries: 10, heldBytes: 1_000 });
      holds(1_000, 0);
      clock.advance(LOOK_MS);
      expect(flushes).toHaveLength(0);
    });

    it('waits for all where it is told to', () => {
      begin({ everyEntries: 100, keepEntries: 10, heldBytes: 1_000, overtakeMembers: false });
      holds(1_000, 0);
      clock.advance(LOOK_MS);
      expect(flushes).toHaveLength(0);
    });
  });

  it('overtakes members where it is told to', async () => {
    begin({
      everyEntries: 100,
      everyBytes: 1_000,
      keepEntries: 10,
      heldBytes: 1_000,
      overtakeMembers: true,
    });
    holds(1_000, 0);
    clock.advance(LOOK_MS);
    await flushed(1_000);
    expect(replica.compacted).toEqual([990]);
  });

  it('stops the member when the machine can not make its state durable', async () => {
    begin({ everyEntries: 100, keepEntries: 0 });
    holds(101);
    clock.advance(LOOK_MS);
    flushes[0]?.failed(new Error('fsync failed'));
    await expect(replica.stopped).resolves.toMatchObject({ message: 'fsync failed' });
    expect(replica.compacted).toEqual([]);
  });

  it('lets nothing escape from a member that is about to stop', async () => {
    begin({ everyEntries: 100, keepEntries: 60 });
    holds(150);
    clock.advance(LOOK_MS);
    await flushed(150);
    replica.refusal = new Error('REPLICA_STOPPED');
    holds(210);
    expect(() => clock.advance(LOOK_MS)).not.toThrow();
    await expect(replica.stopped).resolves.toBe(replica.refusal);
  });

  it('does nothing once it is closed', async () => {
    begin({ everyEntries: 100, keepEntries: 0 });
    holds(101);
    clock.advance(LOOK_MS);
    compaction.close();
    await flushed(101);
    compaction.applied();
    expect(replica.compacted).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
