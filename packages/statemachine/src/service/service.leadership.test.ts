import { type Entry, EntryType, RaftError } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { RpcMethod } from '../rpc-methods.js';
import { TestMember } from './service.test.support.js';

let member: TestMember;

beforeEach(async () => {
  member = await TestMember.start();
});

describe('a lead that is lost', () => {
  beforeEach(() => member.replica.become('leader', 1, 1));

  it('leaves proposed commands unknown, and those that wait undone', async () => {
    member = await TestMember.lead({ pipelineDepth: 1 });
    const session = member.openSession();
    const proposed = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    const waiting = member.command(session, 2, ['add', 'k', 1]);
    member.replica.become('follower', 2, 2);
    expect(proposed.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(waiting.seen).toBe('NOT_LEADER definite two:2');
    expect(member.command(session, 3, ['add', 'k', 1]).seen).toBe('NOT_LEADER definite two:2');
    void member.commit();
    expect([proposed.times, waiting.times]).toEqual([1, 1]);
  });

  it('for hours ends no session: no client could show that it was there', () => {
    const session = member.openSession();
    member.replica.become('follower', 1, 0);
    member.clock.advance(10 * 3_600_000);
    member.replica.become('leader', 2, 1);
    const others = member.openSession();
    const answer = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    void member.commit();
    expect(answer.seen).toBe(1);
    member.clock.advance(10 * 3_600_000);
    member.openSession();
    expect(member.command(others, 1, ['add', 'k', 1]).seen).toBe('waiting');
    member.flush();
    void member.commit();
    expect(member.service.status().sessions).toBe(1);
  });

  it('and won again in one moment leaves what was proposed before unknown', () => {
    const session = member.openSession();
    const before = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    const waiting = member.command(session, 2, ['add', 'k', 1]);
    member.replica.become('leader', 3, 1);
    member.flush();
    void member.commit();
    expect(before.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(waiting.seen).toBe(2);
  });

  it('is noticed when another entry stands where a command was to be', () => {
    const session = member.openSession();
    const lost = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    const last = member.replica.log.length;
    const other: Entry = { index: last, term: 2, type: EntryType.Empty, data: new Uint8Array() };
    member.replica.log[last - 1] = other;
    void member.commit();
    expect(lost.seen).toMatch(/^NOT_LEADER definite/);
  });

  it('is noticed when the replica refuses to propose', () => {
    const session = member.openSession();
    const answer = member.command(session, 1, ['add', 'k', 1]);
    member.replica.refusal = new RaftError('NOT_LEADER', 'hands over', { details: { leader: 0 } });
    member.flush();
    expect(answer.seen).toBe('NOT_LEADER definite');
  });

  it('leaves unknown what another proposal took the place of', () => {
    const session = member.openSession();
    const lost = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    // Not yet committed: a member that still has the first one may lead next, and commit it.
    member.replica.log.pop();
    member.command(session, 2, ['add', 'k', 1]);
    member.flush();
    expect(lost.seen).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('answers what waits when proposing breaks the replica', () => {
    const session = member.openSession();
    const answer = member.command(session, 1, ['add', 'k', 1]);
    member.replica.refusal = new Error('a broken invariant');
    expect(() => member.flush()).not.toThrow();
    expect(answer.seen).toBe('STOPPED definite');
  });
});

describe('looking for the leader', () => {
  const find = (aboveTerm: number, waitMs: number) =>
    member.ask(RpcMethod.FindLeader, [aboveTerm, waitMs]);

  it('is answered at once where it is known', () => {
    member.replica.become('leader', 4, 1);
    expect(find(4, 1000).seen).toEqual([true, 4, 1, 'one:1', ['one:1', 'two:2']]);
    member.replica.become('follower', 5, 2);
    expect(find(4, 1000).seen).toEqual([false, 5, 2, 'two:2']);
    expect(find(5, 0).seen).toEqual([false, 5, 2, 'two:2']);
  });

  it('waits for the next leader, and no longer than was asked', () => {
    member.replica.become('follower', 5, 2);
    const [short, long] = [find(5, 100), find(5, 1000)];
    member.clock.advance(200);
    expect(short.seen).toEqual([false, 5, 2, 'two:2']);
    member.replica.become('candidate', 6, 0);
    expect(long.seen).toBe('waiting');
    member.replica.become('leader', 6, 1);
    expect(long.seen).toEqual([true, 6, 1, 'one:1', ['one:1', 'two:2']]);
  });

  it('does not wait where too many do', async () => {
    member = await TestMember.start({ maxLeaderWaiters: 1 });
    expect([find(5, 1000).seen, find(5, 1000).seen]).toEqual(['waiting', [false, 1, 0, null]]);
  });
});
