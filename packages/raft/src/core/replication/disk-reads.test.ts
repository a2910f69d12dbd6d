import { describe, expect, it } from 'vitest';
import { texts } from '../../testing/raft-group.js';
import type { Message } from '../message.js';
import { group, heartbeats, raft } from './replication.test.support.js';

describe('a leader that reads entries from disk', () => {
  it('reads what a member needs and memory no longer holds', () => {
    const g = group({ raft: { ...raft, logWindowBytes: 1, maxAppendBytes: 200 } });
    g.elect(1);
    g.crash(3);
    for (let i = 0; i < 30; i++) {
      g.propose(1, `entry ${i}`);
      g.settle();
    }
    g.restart(3);
    heartbeats(g, 1, 5);
    expect(g.appliedTexts(3)).toHaveLength(30);
  });

  it('sends nothing that was replaced while it was read from disk', () => {
    const g = group({ manualReads: true, raft: { ...raft, logWindowBytes: 1, preVote: false } });
    const reads = () => g.member(1).reads;
    const not = (id: number) => (message: Message) => message.to === id || message.from === id;
    g.elect(1);
    // Member 1 alone has them; member 3, which lacks them, gets them from the disk.
    for (const text of ['old a', 'old b']) {
      g.propose(1, text);
      g.network = [];
    }
    for (let i = 0; i < 20 && reads().length === 0; i++) heartbeats(g, 1, 1, not(2));
    const [late] = reads().splice(0);
    expect(texts(late?.entries ?? [])).toContain('old a');
    // Before they are there, they are replaced; then member 1 leads again, and member 3 lacks more.
    const lost = (message: Message) => message.type === 'append' && message.to === 3;
    for (const id of [1, 3]) g.tick(id, raft.electionTicks);
    g.network = [];
    for (let i = 0; i < 3 && g.raft(2).role !== 'leader'; i++) {
      g.campaign(2);
      g.settle(lost);
    }
    for (const text of ['new a', 'new b']) {
      g.propose(2, text);
      g.settle(lost);
    }
    for (const id of [2, 3]) g.tick(id, raft.electionTicks);
    g.network = [];
    for (let i = 0; i < 3 && g.raft(1).role !== 'leader'; i++) {
      g.campaign(1);
      g.settle(lost);
    }
    g.network = [];
    const asksAgain = () => reads()[0]?.entries[0]?.index === late?.entries[0]?.index;
    for (let i = 0; i < 20 && !asksAgain(); i++) {
      if (reads().length > 0) g.finishRead(1);
      heartbeats(g, 1, 1, not(2));
    }
    expect(asksAgain()).toBe(true);
    g.raft(1).entriesRead(3, late?.entries ?? []);
    g.run(1);
    expect(g.network.filter((message) => message.type === 'append')).toEqual([]);
    for (let i = 0; i < 40; i++) {
      g.finishRead(1);
      heartbeats(g, 1, 1);
    }
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['new a', 'new b']);
  });

  it('asks for durable entries only', () => {
    const g = group({ manualDisk: true, raft: { ...raft, logWindowBytes: 1, preVote: false } });
    const settleDisks = () => {
      for (let i = 0; i < 6; i++) {
        g.settle((message) => message.to === 3 && message.type === 'append');
        for (const id of g.ids) g.finishWrites(id);
      }
    };
    g.campaign(1);
    settleDisks();
    for (let i = 0; i < 5; i++) g.propose(1, `entry ${i}`);
    settleDisks();
    g.propose(1, 'not durable yet');
    const raft1 = g.raft(1);
    raft1.tick();
    for (const message of raft1
      .takeEffects()
      .flatMap((e) => (e.type === 'send' ? e.messages : []))) {
      if (message.to === 3) g.raft(3).step(message);
    }
    for (const effect of g.raft(3).takeEffects()) {
      if (effect.type === 'send') for (const message of effect.messages) raft1.step(message);
    }
    const reads = raft1.takeEffects().filter((effect) => effect.type === 'read-entries');
    expect(reads).toEqual([expect.objectContaining({ reader: 3, first: 1, last: 6 })]);
  });
});
