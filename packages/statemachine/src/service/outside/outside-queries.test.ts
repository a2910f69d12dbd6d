import type { WireValue } from '@raft-ts/net';
import { beforeEach, describe, expect, it } from 'vitest';
import { StateMachineError } from '../../errors.js';
import { QueryConsistency, RpcMethod } from '../../rpc-methods.js';
import { TestMember } from '../service.test.support.js';
import { TestOutside, turns } from './outside.test.support.js';

const { Local, OfLeader } = QueryConsistency;
let outside: TestOutside;
let member: TestMember;

beforeEach(async () => {
  outside = new TestOutside();
  member = await TestMember.lead({ outside, maxPendingQueries: 200 });
});

function query(consistency: number = Local, value: WireValue = ['get', 'k'], timeoutMs = 1000) {
  return member.ask(RpcMethod.Query, [consistency, value, timeoutMs]);
}

/** What waits for another turn has it. */
async function nextTurn() {
  await turns();
  member.flush();
  await turns();
}

describe('what goes on outside before a query is answered', () => {
  it('is asked for again until there is nothing, and then the machine answers', async () => {
    const answer = query();
    expect(outside.waiting[0]?.about).toEqual(['get', 'k']);
    outside.waiting[0]?.resolve(undefined);
    await nextTurn();
    expect([answer.seen, outside.waiting.length]).toEqual(['waiting', 2]);
    outside.waits = false;
    outside.waiting[1]?.resolve(undefined);
    await nextTurn();
    expect(answer.seen).toBe(null);
  });

  it('may be the answer', async () => {
    const answer = query();
    outside.waiting[0]?.resolve('from outside');
    await turns();
    expect(answer.seen).toBe('from outside');
    expect(member.service.status().pendingQueries).toBe(0);
  });

  it('begins when the state is as fresh as the query asks, and is answered from a later one', async () => {
    const answer = query(OfLeader);
    expect(outside.waiting).toEqual([]);
    member.replica.readers[0]?.ready();
    expect(outside.waiting).toHaveLength(1);
    outside.waits = false;
    outside.prepare = () => undefined;
    const session = member.openSession();
    member.command(session, 1, ['put', 'k', 'later']);
    member.replica.readers.at(-1)?.ready();
    await nextTurn();
    void member.commit();
    outside.waiting[0]?.resolve(undefined);
    await nextTurn();
    expect(answer.seen).toBe('later');
  });

  it('takes no place of those that the machine works on', async () => {
    const waiting = Array.from({ length: 100 }, () => query());
    outside.waits = false;
    const other = query();
    await turns();
    expect(other.seen).toBe(null);
    for (const call of outside.waiting) call.resolve(undefined);
    await nextTurn();
    await nextTurn();
    expect(waiting.every(({ seen }) => seen === null)).toBe(true);
  });

  it('lets others have their turn, also when it ends at once each time', async () => {
    let asked = 0;
    outside.ready = async () => {
      asked++;
      return undefined;
    };
    const answer = query();
    await turns();
    expect(asked).toBe(1);
    member.flush();
    await turns();
    expect([asked, answer.seen]).toEqual([2, 'waiting']);
    member.clock.advance(1100);
    await nextTurn();
    expect([answer.seen, member.service.status().pendingQueries]).toEqual([
      'DEADLINE_EXCEEDED definite',
      0,
    ]);
  });

  it('is limited in number, and keeps its place until it has ended', async () => {
    member = await TestMember.lead({ outside, maxPendingQueries: 1 });
    const late = query(Local, ['get', 'k'], 100);
    expect(query().seen).toBe('OVERLOADED definite');
    const signal = outside.waiting[0]?.until.signal;
    member.clock.advance(200);
    expect([late.seen, signal?.aborted]).toEqual(['DEADLINE_EXCEEDED definite', true]);
    expect(query().seen).toBe('OVERLOADED definite');
    outside.waiting[0]?.resolve('too late');
    await turns();
    expect([late.times, query().seen]).toEqual([1, 'waiting']);
  });

  it('ends when the member stops', async () => {
    const answer = query();
    await member.service.close();
    expect([answer.seen, outside.waiting[0]?.until.signal.aborted]).toEqual([
      'STOPPED definite',
      true,
    ]);
    outside.waiting[0]?.resolve('too late');
    await nextTurn();
    expect([answer.times, member.clock.timers]).toEqual([1, 0]);
  });

  it('may fail, and says how', async () => {
    member.replica.become('follower', 2, 2);
    const rejected = [
      new Error('hangs'),
      new StateMachineError('UNAVAILABLE', 'later'),
      new StateMachineError('NOT_LEADER', 'the leader knows'),
    ];
    const answers = rejected.map((error, i) => {
      const answer = query();
      outside.waiting[i]?.reject(error);
      return answer;
    });
    outside.failure = new Error('throws');
    answers.push(query());
    await turns();
    expect(answers.map(({ seen }) => seen)).toEqual([
      'QUERY_FAILED definite',
      'UNAVAILABLE definite',
      'NOT_LEADER definite two:2',
      'QUERY_FAILED definite',
    ]);
  });
});
