import { describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../log/memory-log-store.js';
import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import { bootstrapWrite } from './membership/bootstrap.js';
import type { Message } from './message.js';
import type { RaftOptions } from './options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  const g = new RaftGroup({ size: 3, raft, ...options });
  g.elect(1);
  g.settle();
  return g;
}

function pass(g: RaftGroup, ticks: number, drop?: (message: Message) => boolean): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of g.ids) g.tick(id);
    g.settle(drop);
  }
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

/** A cluster that began with the entry that founds one. */
function founded(): RaftGroup {
  const g = new RaftGroup({ size: 3, voters: [], raft });
  for (const id of g.ids) {
    g.member(id).disk.write(bootstrapWrite([1, 2, 3], [], {}));
    g.restart(id);
  }
  g.elect(1);
  g.settle();
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
    expect(g.raft(2).role).not.toBe('leader');
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

  it('remembers over a restart that it is not recovered', () => {
    const g = group();
    g.wipe(3);
    pass(g, 1, (message) => message.to === 2);
    g.crash(3);
    g.restart(3);
    expect(g.raft(3).status().recovering).toBe(true);
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

  it('does not vote for a longer log while its own is that of the first day', () => {
    const g = founded();
    g.propose(1, 'a');
    g.settle((message) => message.to === 2);
    g.crash(1);
    bootstrapAgain(g);
    pass(g, 60);
    expect(g.raft(2).role).not.toBe('leader');
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
    expect(g.raft(2).role).not.toBe('leader');
  });

  it('that never was there joins likewise, and is a voter when it knows enough', () => {
    const g = group({ size: 4, voters: [1, 2, 3] });
    expect(g.raft(4).status().recovering).toBe(true);
    g.change(1, { type: 'add-learner', id: 4 });
    pass(g, 5);
    expect(g.raft(4).status().recovering).toBe(false);
    expect(g.change(1, { type: 'add-voter', id: 4 })).toMatchObject({ accepted: true });
  });
});

describe('a cluster that is founded', () => {
  it('elects a leader among empty logs, nobody recovering', () => {
    const g = founded();
    expect(g.ids.map((id) => g.raft(id).status().recovering)).toEqual([false, false, false]);
    expect(g.raft(1).status().membership.configuration.voters).toEqual([1, 2, 3]);
  });
});
