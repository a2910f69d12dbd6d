import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../../log/memory-log-store.js';
import { RaftGroup } from '../../testing/raft-group.js';
import { raft } from '../elected-group.test.support.js';
import type { MemberId } from '../log/entry.js';
import { bootstrapWrite } from '../membership/bootstrap.js';
import type { Message } from '../message.js';
import { MAX_PRIORITY, type RaftOptions } from '../options.js';

/** Ticks in which a majority that can talk finds a leader: some election timeouts. */
const ELECTION_TICKS = 100;

/** Founders that have only just started. */
function founders(
  size: number,
  options: Partial<RaftOptions> = {},
  priorities: readonly number[] = [],
): RaftGroup {
  const voters = Array.from({ length: size }, (_, i) => i + 1);
  const raftOf = Object.fromEntries(priorities.map((priority, i) => [i + 1, { priority }]));
  const g = new RaftGroup({ size, voters, raft: { ...raft, ...options }, raftOf });
  g.settle();
  return g;
}

function pass(g: RaftGroup, ticks: number, drop?: (message: Message) => boolean): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of g.ids) g.tick(id);
    g.settle(drop);
  }
}

const between = (a: MemberId, b: MemberId) => (m: Message) =>
  (m.from === a && m.to === b) || (m.from === b && m.to === a);
const with3 = (m: Message) => m.from === 3 || m.to === 3;

function leaders(g: RaftGroup): readonly MemberId[] {
  return g.ids.filter((id) => g.member(id).running && g.raft(id).role === 'leader');
}

/** Nobody lacks anything that it promised, and somebody leads. */
function expectLeader(g: RaftGroup): void {
  pass(g, ELECTION_TICKS);
  expect(leaders(g)).toHaveLength(1);
  expect(g.ids.filter((id) => g.raft(id).recovering)).toEqual([]);
}

/** A founder's disk is emptied, and it is told again who founds. */
function foundAgain(g: RaftGroup, id: MemberId): void {
  g.crash(id);
  const member = g.member(id);
  member.disk = new MemoryLogDisk();
  member.disk.write(bootstrapWrite(g.ids, [], {}));
  member.applied = [];
  g.restart(id);
}

describe('founders of whom nothing was lost', () => {
  it('get a leader though the first append of the first one is lost', () => {
    const g = founders(2);
    g.campaign(1);
    g.settle((m) => m.type === 'append' || m.type === 'heartbeat');
    expect(leaders(g)).toEqual([1]);
    pass(g, 60, () => true);
    expect(leaders(g)).toEqual([]);
    expectLeader(g);
  });

  it('get a leader though the first append has reached one of four', () => {
    const g = founders(4);
    g.campaign(1);
    g.settle((m) => m.type === 'append' && m.to !== 2);
    expect(g.raft(2).status().lastIndex).toBe(2);
    g.crash(1);
    expectLeader(g);
  });

  it('are led by who holds everything, with one who starts late, when the third dies', () => {
    const g = founders(3);
    g.crash(3);
    g.campaign(1);
    g.settle();
    g.propose(1, 'a');
    pass(g, 5);
    expect(g.appliedTexts(2)).toEqual(['a']);
    g.crash(1);
    g.restart(3);
    expectLeader(g);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('get one likewise when the late one was reached by nobody but a candidate', () => {
    const g = founders(3);
    g.campaign(1);
    g.settle((m) => with3(m) && m.type !== 'vote');
    expect(g.raft(3).status()).toMatchObject({ votedFor: 1, lastIndex: 1 });
    g.propose(1, 'a');
    pass(g, 5, with3);
    g.crash(1);
    expectLeader(g);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('take a late one in as a voter at once, whether by entries or by a snapshot', () => {
    for (const compacted of [false, true]) {
      const g = founders(3);
      g.crash(3);
      g.campaign(1);
      g.settle();
      g.propose(1, 'a');
      pass(g, 5);
      if (compacted) g.raft(1).compact(g.raft(1).status().commit);
      g.restart(3);
      pass(g, 5, between(1, 2));
      expect(g.raft(3).recovering).toBe(false);
      expect(g.appliedTexts(3)).toEqual(['a']);
      g.propose(1, 'b');
      g.settle(between(1, 2));
      expect(g.appliedTexts(1)).toEqual(['a', 'b']);
    }
  });

  it('are not shrunk to most who were not heard from', () => {
    const g = founders(3);
    g.campaign(1);
    g.settle(with3);
    pass(g, 5, with3);
    expect(g.change(1, { type: 'remove', id: 2 })).toMatchObject({ reason: 'majority-at-risk' });
    pass(g, 5);
    expect(g.change(1, { type: 'remove', id: 2 })).toMatchObject({ accepted: true });
    pass(g, 5);
    expect(g.raft(1).status().membership.configuration.voters).toEqual([1, 3]);
  });

  it.each([false, true])(
    'get a leader when they were shrunk nevertheless (emptied: %s)',
    (wiped) => {
      const g = founders(3, { validateChanges: false });
      g.campaign(1);
      g.settle(with3);
      pass(g, 5, with3);
      g.change(1, { type: 'remove', id: 2 });
      pass(g, 30, with3);
      g.crash(2);
      expect(leaders(g)).toEqual([]);
      if (wiped) foundAgain(g, 3);
      pass(g, ELECTION_TICKS);
      expect(leaders(g)).toHaveLength(1);
      expect(g.raft(3).status().membership.configuration.voters).toEqual([1, 3]);
      expect(g.raft(3).recovering).toBe(false);
    },
  );
});

describe('what a log says of its founders', () => {
  it('is who has acknowledged more than what the cluster began with', () => {
    const g = founders(3);
    g.campaign(1);
    g.settle(with3);
    expect(g.raft(1).status().membership.unheard).toEqual([1, 2, 3]);
    pass(g, 3, with3);
    expect(g.raft(2).status().membership.unheard).toEqual([3]);
    pass(g, 3);
    for (const id of g.ids) expect(g.raft(id).status().membership.unheard).toEqual([]);
  });

  it('counts for a candidate before it is applied', () => {
    const g = founders(3);
    g.campaign(1);
    g.settle();
    g.propose(1, 'a');
    // Member 2 gets the entry that says so, and does not hear that it is committed.
    g.tick(1);
    g.settle((m) => (m.type === 'append' && m.entries.length === 0) || m.type === 'heartbeat');
    expect(g.raft(2).status().membership.unheard).toEqual([1, 2, 3]);
    g.crash(1);
    foundAgain(g, 3);
    pass(g, ELECTION_TICKS);
    expect(leaders(g)).toEqual([]);
    expect(g.raft(3).recovering).toBe(true);
    g.restart(1);
    expectLeader(g);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('waits while the lead is handed over, and for an end of what is being changed', () => {
    const g = founders(3);
    g.campaign(1);
    g.settle();
    g.raft(1).transferLeadership(2);
    g.network = [];
    g.tick(1);
    expect(g.raft(1).status().lastIndex).toBe(2);
  });

  it('leaves out who is no member any more', () => {
    const g = founders(3);
    g.campaign(1);
    g.settle(with3);
    pass(g, 3, with3);
    g.change(1, { type: 'remove', id: 3 });
    pass(g, 3, with3);
    expect(g.raft(1).status().membership.unheard).toEqual([]);
  });
});

describe('random foundings', () => {
  type Step = readonly ['tick' | 'deliver' | 'drop' | 'crash' | 'restart' | 'cut', number];
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.tuple(fc.constant('tick' as const), fc.nat(4)) },
    { weight: 12, arbitrary: fc.tuple(fc.constant('deliver' as const), fc.nat(20)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('drop' as const), fc.nat(20)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('cut' as const), fc.nat(31)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('crash' as const), fc.nat(4)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('restart' as const), fc.nat(4)) },
  );

  /** `cut`: a bit for each member: who has 1 and who has 0 do not reach each other. */
  function take(g: RaftGroup, [kind, choice]: Step, cut: number): number {
    const id = (choice % g.ids.length) + 1;
    const at = choice % Math.max(1, g.network.length);
    if (kind === 'tick') g.tick(id, 3);
    else if (kind === 'drop') g.network.splice(at, 1);
    else if (kind === 'crash') g.crash(id);
    else if (kind === 'restart' && !g.member(id).running) g.restart(id);
    else if (kind === 'cut') return choice;
    else if (kind === 'deliver') {
      const message = g.network[at];
      const apart =
        message !== undefined && ((cut >> message.from) & 1) !== ((cut >> message.to) & 1);
      if (apart) g.network.splice(at, 1);
      else g.deliver(at);
    }
    return cut;
  }

  it('always end with a leader that all follow', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.nat(31),
        fc.array(fc.nat(MAX_PRIORITY), { minLength: 5, maxLength: 5 }),
        fc.array(step, { minLength: 20, maxLength: 150 }),
        (size, late, priorities, steps) => {
          const g = founders(size, { electionTicks: 5 }, priorities);
          for (const id of g.ids) if ((late >> id) & 1) g.crash(id);
          let cut = 0;
          for (const one of steps) cut = take(g, one, cut);
          for (const id of g.ids) if (!g.member(id).running) g.restart(id);
          expectLeader(g);
          const ends = g.ids.map((id) => g.raft(id).status().commit);
          expect(new Set(ends).size).toBe(1);
        },
      ),
      { numRuns: 100 },
    );
  });
});
