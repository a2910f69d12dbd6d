import { describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../../log/memory-log-store.js';
import { RaftGroup } from '../../testing/raft-group.js';
import { group, raft } from '../elected-group.test.support.js';
import { bootstrapWrite } from '../membership/bootstrap.js';
import type { Message } from '../message.js';
import { Raft } from '../raft.js';

function pass(g: RaftGroup, ticks: number, drop?: (message: Message) => boolean): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of g.ids) g.tick(id);
    g.settle(drop);
  }
}

/** Whether a member was elected since it started, be it for a moment. */
function hasWon(g: RaftGroup, id: number): boolean {
  return g
    .raft(id)
    .status()
    .elections.some(({ outcome }) => outcome === 'won');
}

/** Member 3 lost its disk, and starts as it did the first time. */
function bootstrapAgain(g: RaftGroup): void {
  g.crash(3);
  const member = g.member(3);
  member.disk = new MemoryLogDisk();
  member.disk.write(bootstrapWrite([1, 2, 3], [], {}));
  member.applied = [];
  g.restart(3);
}

/** A cluster that began with the entry that founds one, and says that all were heard from. */
function founded(): RaftGroup {
  const g = new RaftGroup({ size: 3, voters: [], raft });
  for (const id of g.ids) {
    g.member(id).disk.write(bootstrapWrite([1, 2, 3], [], {}));
    g.restart(id);
  }
  g.elect(1);
  g.settle();
  pass(g, 2);
  return g;
}

describe('a member that has lost what it promised', () => {
  it('helps nobody to an election that leaves out what it had acknowledged', () => {
    const g = group();
    // Held by 1 and 3 only, and committed.
    g.propose(1, 'a');
    g.settle((message) => message.to === 2);
    expect(g.appliedTexts(1)).toEqual(['a']);
    g.crash(1);
    g.wipe(3);
    pass(g, 60);
    expect(hasWon(g, 2)).toBe(false);
    g.restart(1);
    pass(g, 60);
    expect(g.ids.filter((id) => g.raft(id).role === 'leader')).toHaveLength(1);
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a']);
  });

  it('takes part again once the others have committed without it, and it holds that', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    g.wipe(3);
    pass(g, 2, (message) => message.to === 2);
    expect(g.raft(3).status().recovering).toBe(true);
    expect(g.raft(1).status().progress[2]).toMatchObject({ id: 3, recovering: true });
    pass(g, 3);
    expect(g.raft(3).status().recovering).toBe(false);
    expect(g.raft(1).status().progress[2]).toMatchObject({ id: 3, recovering: false });
    // Its answers count as before.
    g.propose(1, 'b');
    g.settle((message) => message.to === 2);
    expect(g.appliedTexts(1)).toEqual(['a', 'b']);
  });

  it('counts for nothing until then: neither for commits nor for reads', () => {
    const g = group();
    g.wipe(3);
    pass(g, 2, (message) => message.to === 2);
    g.propose(1, 'a');
    g.raft(1).readIndex(1);
    g.run(1);
    g.settle((message) => message.to === 2);
    expect(g.appliedTexts(1)).toEqual([]);
    expect(g.member(1).readyReads).toEqual([]);
  });

  it('is not taken for recovered on the word of an answer from before the loss', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle((message) => message.from === 3);
    const [late] = g.network.filter((message) => message.type === 'append-response');
    expect(late).toBeUndefined();
    g.propose(1, 'b');
    const held: Message[] = [];
    g.settle((message) => message.from === 3 && held.push(message) > 0);
    g.wipe(3);
    pass(g, 2, (message) => message.to === 2);
    g.network.push(...held);
    g.settle((message) => message.to === 2);
    expect(g.raft(1).status().progress[2]).toMatchObject({ recovering: true });
  });

  it('is not taken for lost again on the word of an answer from before its recovery', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    g.wipe(3);
    const late: Message[] = [];
    pass(g, 5, (message) => {
      if (message.type === 'heartbeat-response' && message.recovery !== 0) late.push(message);
      return false;
    });
    expect(late.length).toBeGreaterThan(0);
    expect(g.raft(1).status().progress[2]).toMatchObject({ recovering: false });
    g.network.push(...late);
    pass(g, 5);
    expect(g.raft(1).status().progress[2]).toMatchObject({ recovering: false });
    g.propose(1, 'b');
    g.settle((message) => message.to === 2);
    expect(g.appliedTexts(3)).toEqual(['a', 'b']);
  });

  it('loses nothing when it does so twice in one term, whatever late answers say', () => {
    const g = group();
    const first: Message[] = [];
    g.propose(1, 'a');
    g.settle((message) => message.from === 3 && first.push(message) > 0);
    expect(first).toMatchObject([{ type: 'append-response', recovery: 0 }, {}]);
    g.wipe(3);
    const untold = (message: Message) => message.type === 'recovered';
    const second: Message[] = [];
    pass(g, 3, (message) => {
      if (message.from === 3) second.push(message);
      return untold(message);
    });
    // Member 3 alone gets it, counts for nothing, and loses it.
    g.propose(1, 'b');
    g.settle((message) => message.to === 2 || untold(message));
    expect(g.appliedTexts(1)).toEqual(['a']);
    g.crash(3);
    g.wipe(3);
    // Its first life makes the leader believe that the second one has recovered.
    g.network.push(...second, ...first);
    g.settle((message) => message.to === 2 || message.to === 3);
    g.crash(1);
    pass(g, 60);
    expect([2, 3].filter((id) => hasWon(g, id))).toEqual([]);
    g.restart(1);
    pass(g, 60);
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a', 'b']);
    expect(g.raft(3).recovering).toBe(false);
  });

  it('remembers over a restart that it is not recovered', () => {
    const g = group();
    g.wipe(3);
    pass(g, 1, (message) => message.to === 2);
    g.crash(3);
    g.restart(3);
    expect(g.raft(3).status().recovering).toBe(true);
  });

  it('tells its number only once its disk keeps it: who forgets it would be waited for in vain', () => {
    const disk = new MemoryLogDisk();
    disk.write(bootstrapWrite([1, 2, 3], [], {}));
    const core = new Raft({ id: 3, log: disk.state(), applied: 0, options: raft, random: () => 0 });
    const fromLeader = { from: 1, to: 3, term: 2, commit: 5 } as const;
    core.step({
      ...fromLeader,
      type: 'append',
      heard: true,
      prevIndex: 5,
      prevTerm: 2,
      entries: [],
    });
    core.step({
      ...fromLeader,
      type: 'heartbeat',
      heard: true,
      commitTerm: 2,
      round: 1,
      heldByAll: 0,
    });
    const effects = core.takeEffects();
    expect(effects.some((effect) => effect.type === 'send')).toBe(false);
    const [write] = effects.filter((effect) => effect.type === 'write');
    const recovery = write?.hardState?.recovery ?? 0;
    expect(recovery).toBeGreaterThan(0);
    expect(write?.messages).toMatchObject([
      { type: 'append-response', recovery },
      { type: 'heartbeat-response', recovery },
    ]);
  });

  it('answers as one that has recovered only once its disk keeps that: it may be needed at once', () => {
    const disk = new MemoryLogDisk();
    disk.hardState = { term: 2, votedFor: 0, commit: 0, recovery: 7 };
    const core = new Raft({ id: 3, log: disk.state(), applied: 0, options: raft, random: () => 0 });
    const heartbeat = {
      type: 'heartbeat',
      heard: true,
      from: 1,
      to: 3,
      term: 2,
      commit: 0,
      commitTerm: 0,
      heldByAll: 0,
    } as const;
    core.step({ ...heartbeat, round: 1 });
    core.takeEffects();
    core.step({ type: 'recovered', from: 1, to: 3, term: 2, recovery: 7 });
    const [write] = core.takeEffects().filter((effect) => effect.type === 'write');
    expect(write?.hardState).toMatchObject({ recovery: 0, votedFor: 1 });
    core.step({ ...heartbeat, round: 2 });
    expect(core.takeEffects()).toMatchObject([{ type: 'write', messages: [{ recovery: 0 }] }]);
    core.written(write?.sequence ?? 0);
    core.step({ ...heartbeat, round: 3 });
    expect(core.takeEffects()).toMatchObject([{ type: 'send', messages: [{ round: 3 }] }]);
  });

  it('commits nothing by a heartbeat: what others left may stand where it lost what is committed', () => {
    const g = group();
    g.propose(1, 'x');
    g.network = [];
    const cut = (a: number, b: number) => (m: Message) =>
      (m.from === a && m.to === b) || (m.from === b && m.to === a);
    const without1 = (m: Message) => cut(1, 2)(m) || cut(1, 3)(m);
    for (const id of [2, 3]) g.tick(id, 10);
    g.network = [];
    g.campaign(2);
    g.settle(without1);
    g.propose(2, 'a');
    g.settle(without1);
    expect(g.appliedTexts(2)).toEqual(['a']);
    g.wipe(3);
    // The one that led before reaches it first, with an entry that nobody else has; for the new
    // one it is who it was.
    for (let i = 0; i < 2; i++) {
      g.tick(1);
      g.settle((m) => !cut(1, 3)(m));
    }
    expect(g.raft(3).status()).toMatchObject({ term: 1, lastIndex: 3, commit: 1 });
    g.tick(2);
    g.deliver(g.network.findIndex((m) => m.type === 'heartbeat' && m.to === 3 && m.commit === 3));
    expect(g.raft(3).status()).toMatchObject({ term: 2, commit: 1 });
    pass(g, 5);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('is not left with too few others to bring it up to date', () => {
    const g = founded();
    g.wipe(3);
    pass(g, 2, (message) => message.to === 2);
    expect(g.change(1, { type: 'remove', id: 2 })).toMatchObject({ reason: 'majority-at-risk' });
    expect(g.change(1, { type: 'remove', id: 3 })).toMatchObject({ accepted: true });
    pass(g, 5);
    expect(g.raft(1).status().membership.configuration.voters).toEqual([1, 2]);
  });

  it('votes for nobody in the term of the leader that recovered it', () => {
    const g = group();
    g.wipe(3);
    pass(g, 5);
    expect(g.raft(3).status()).toMatchObject({ recovering: false, votedFor: 1, term: 1 });
  });

  it('is noticed when it starts as on the first day: by the history that its leader shows', () => {
    const g = founded();
    g.propose(1, 'a');
    g.settle();
    bootstrapAgain(g);
    expect(g.raft(3).status().recovering).toBe(false);
    pass(g, 1, (message) => message.to === 2);
    expect(g.raft(3).status().recovering).toBe(true);
    pass(g, 5);
    expect(g.raft(3).status().recovering).toBe(false);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('is noticed likewise by a new leader, which knows nothing of what it held', () => {
    const g = founded();
    g.propose(1, 'a');
    g.settle();
    bootstrapAgain(g);
    // Cut off for two checks of its quorum, the leader gives up.
    for (const id of [1, 3]) g.tick(id, 20);
    g.network = [];
    expect(g.raft(1).role).not.toBe('leader');
    g.campaign(2);
    g.settle((message) => message.type === 'recovered');
    expect(g.raft(2).role).toBe('leader');
    expect(g.raft(3).status().recovering).toBe(true);
  });

  it('does not keep a leader in office that hears from nobody else', () => {
    const g = group();
    g.wipe(3);
    pass(g, 25, (message) => message.to === 2 || message.from === 2);
    expect(g.raft(3).status().recovering).toBe(true);
    expect(g.raft(1).role).not.toBe('leader');
  });

  it('is not handed the lead', () => {
    const g = group();
    g.wipe(3);
    pass(g, 2, (message) => message.to === 2);
    expect(g.raft(1).transferLeadership(3)).toMatchObject({ reason: 'not-caught-up' });
  });

  it('stands for election no more when it is noticed by another candidate', () => {
    const g = founded();
    g.crash(1);
    bootstrapAgain(g);
    g.tick(3, 20);
    expect(g.raft(3).role).toBe('pre-candidate');
    g.network = [];
    g.tick(2, 20);
    g.settle();
    expect(g.raft(3)).toMatchObject({ role: 'follower', recovering: true });
  });

  it('does not vote for a longer log while its own is that of the first day', () => {
    const g = founded();
    g.propose(1, 'a');
    g.settle((message) => message.to === 2);
    g.crash(1);
    bootstrapAgain(g);
    pass(g, 60);
    expect(hasWon(g, 2)).toBe(false);
  });

  it('does not vote for a longer log either once it has compacted the first entry', () => {
    const g = founded();
    g.propose(1, 'a');
    g.settle((message) => message.to === 2);
    g.crash(1);
    bootstrapAgain(g);
    g.run(3);
    g.raft(3).compact(1);
    g.run(3);
    expect(g.raft(3).status()).toMatchObject({ firstIndex: 2, lastIndex: 1 });
    pass(g, 60);
    expect(hasWon(g, 2)).toBe(false);
  });

  it('that never was there joins likewise, and is a voter when it knows enough', () => {
    const g = group({ size: 4, voters: [1, 2, 3] });
    expect(g.raft(4).status().recovering).toBe(true);
    g.change(1, { type: 'add-learner', id: 4 });
    pass(g, 5);
    expect(g.raft(4).status().recovering).toBe(false);
    expect(g.change(1, { type: 'add-voter', id: 4 })).toMatchObject({ accepted: true });
  });

  it('is not taken for lost again when it was removed and comes back, by a late answer', () => {
    const g = group({ size: 4, voters: [1, 2, 3] });
    const late: Message[] = [];
    const keep = (m: Message) =>
      m.type === 'append-response' && m.recovery !== 0 && late.push(m) === 0;
    g.change(1, { type: 'add-learner', id: 4 });
    g.settle(keep);
    pass(g, 5, keep);
    expect(late.length).toBeGreaterThan(0);
    expect(g.raft(4).recovering).toBe(false);
    g.change(1, { type: 'remove', id: 4 });
    g.settle();
    g.change(1, { type: 'add-learner', id: 4 });
    g.settle();
    g.network.push(...late);
    g.settle();
    g.propose(1, 'a');
    pass(g, 5);
    expect(g.appliedTexts(4)).toEqual(['a']);
    expect(g.raft(1).status().progress[3]).toMatchObject({ recovering: false });
  });
});

describe('a leader that does not know of the loss yet', () => {
  it('commits nothing here that another leader has left', () => {
    const g = group();
    // Member 1 leads term 1, alone with what it proposes.
    for (const text of ['x', 'y']) g.propose(1, text);
    g.network = [];
    const without1 = (m: Message) => m.to === 1 || m.from === 1;
    const leads = (id: number) => g.raft(id).role === 'leader';
    for (let i = 0; i < 40 && !leads(2) && !leads(3); i++) {
      for (const id of [2, 3]) g.tick(id);
      g.settle(without1);
    }
    const next = leads(2) ? 2 : 3;
    const wiped = 5 - next;
    for (const text of ['a', 'b']) g.propose(next, text);
    g.settle(without1);
    g.wipe(wiped);
    for (let i = 0; i < 3; i++) {
      g.tick(1);
      g.settle((m) => m.to === next || m.from === next);
    }
    expect(g.member(wiped).disk.entries.length).toBeGreaterThan(0);
    for (let i = 0; i < 20; i++) {
      for (const id of g.ids) g.tick(id);
      g.settle();
    }
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a', 'b']);
  });

  it('keeps the vote that a member remembers', () => {
    const g = group();
    // It voted for member 2 in the term that member 1 leads, and remembers that.
    g.crash(3);
    const { disk } = g.member(3);
    disk.hardState = { ...disk.hardState, votedFor: 2, recovery: 5 };
    g.restart(3);
    pass(g, 5);
    expect(g.raft(3).status()).toMatchObject({ recovering: false, votedFor: 2, term: 1 });
  });
});

describe('a cluster that is founded', () => {
  it('elects a leader among empty logs, nobody recovering', () => {
    const g = founded();
    expect(g.ids.map((id) => g.raft(id).status().recovering)).toEqual([false, false, false]);
    expect(g.raft(1).status().membership.configuration.voters).toEqual([1, 2, 3]);
  });
});
