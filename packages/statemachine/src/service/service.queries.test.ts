import type { WireValue } from '@raft-ts/net';
import { RaftError } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { StateMachineError } from '../errors.js';
import { RpcMethod } from '../rpc-methods.js';
import type { Answer } from './fake-member.test.support.js';
import { TestMember } from './service.test.support.js';

let member: TestMember;

beforeEach(async () => {
  member = await TestMember.start();
});

describe('queries', () => {
  beforeEach(() => member.replica.become('leader', 1, 1));

  const query = (consistency: number, value: WireValue = ['get', 'k'], timeoutMs = 1000) =>
    member.ask(RpcMethod.Query, [consistency, value, timeoutMs]);

  async function settled(): Promise<void> {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  it('wait until the replica says that its state is fresh enough', async () => {
    const answers = [query(0), query(2)];
    await settled();
    expect(answers.map((answer) => answer.seen)).toEqual(['waiting', 'waiting']);
    member.replica.readers[0]?.ready();
    await settled();
    expect(answers.map((answer) => answer.seen)).toEqual([null, 'waiting']);
  });

  it('are answered by a member that follows, when any may', async () => {
    member.replica.become('follower', 2, 2);
    const answer = query(2);
    member.replica.readers[0]?.ready();
    await settled();
    expect(answer.seen).toBe(null);
    const lost = query(2);
    member.replica.readers[1]?.failed(new RaftError('LEADERSHIP_LOST', 'no'));
    expect(lost.seen).toBe('NOT_LEADER definite two:2');
  });

  it('are answered at once, by any member, when they may be old', async () => {
    member.replica.become('follower', 2, 0);
    const answer = query(1);
    await settled();
    expect(answer.seen).toBe(null);
    expect(query(0).seen).toBe('NOT_LEADER definite');
  });

  it('may be stale by no more than they say', async () => {
    member.replica.become('follower', 2, 2);
    const bounded = (maxStaleMs: number) =>
      member.ask(RpcMethod.Query, [3, ['get', 'k'], 10_000, maxStaleMs]);
    const { readers } = member.replica;
    const first = bounded(1000);
    expect(readers.length).toBe(1);
    // What was acknowledged since the question was asked need not be here when it is answered.
    member.clock.advance(600);
    readers[0]?.ready();
    await settled();
    expect(first.seen).toBe(null);
    const second = bounded(1000);
    await settled();
    expect([second.seen, readers.length]).toEqual([null, 1]);
    query(2);
    expect(readers.length).toBe(2);
    member.clock.advance(400);
    expect([bounded(1000).seen, readers.length]).toEqual(['waiting', 3]);
    readers[2]?.ready();
    expect([bounded(0).seen, readers.length]).toEqual(['waiting', 4]);
    expect(bounded(-1).seen).toBe('INVALID_REQUEST definite');
    expect(query(3).seen).toBe('INVALID_REQUEST definite');
  });

  it('are told when the lead could not be confirmed', async () => {
    const answers: Answer[] = [];
    for (const code of ['LEADERSHIP_LOST', 'READS_OVERLOADED', 'REPLICA_STOPPED'] as const) {
      answers.push(query(0));
      member.replica.readers.at(-1)?.failed(new RaftError(code, 'no'));
    }
    await settled();
    expect(answers.map((answer) => answer.seen)).toEqual([
      'NOT_LEADER definite',
      'OVERLOADED definite',
      'STOPPED definite',
    ]);
  });

  it('end with their deadline, and are limited in number', async () => {
    member = await TestMember.lead({ maxPendingQueries: 2 });
    const answers = [query(0, ['get', 'k'], 100), query(0), query(0)];
    expect(answers[2]?.seen).toBe('OVERLOADED definite');
    member.clock.advance(200);
    expect(answers.map((answer) => answer.seen).slice(0, 2)).toEqual([
      'DEADLINE_EXCEEDED definite',
      'waiting',
    ]);
    for (const reader of member.replica.readers) reader.ready();
    await settled();
    expect(answers[1]?.seen).toBe(null);
  });

  it('come to the machine a bounded number at a time, and others get a turn in between', async () => {
    let asked = 0;
    let answer: (value: WireValue) => void = () => {};
    const round = () => {
      member.machine.answering = new Promise((resolve) => {
        answer = resolve;
      });
    };
    member.machine.onQuery = () => asked++;
    round();
    const answers = Array.from({ length: 100 }, () => query(1));
    expect(asked).toBe(64);
    answer(null);
    round();
    await settled();
    expect(answers.filter(({ seen }) => seen === null)).toHaveLength(64);
    expect(asked).toBe(64);
    member.flush();
    expect(asked).toBe(100);
    answer(null);
    await settled();
    expect(answers.every(({ seen }) => seen === null)).toBe(true);
  });

  it('that fail say so, and harm nothing', async () => {
    member.machine.answering = Promise.reject(new Error('the disk is gone'));
    const failing = query(1);
    await settled();
    member.machine.answering = Promise.reject(new StateMachineError('QUERY_FAILED', 'not now'));
    const refused = query(1);
    await settled();
    expect([failing.seen, refused.seen]).toEqual([
      'QUERY_FAILED definite',
      'QUERY_FAILED definite',
    ]);
    expect(failing.failure?.message).toBe('the disk is gone');
  });
});
