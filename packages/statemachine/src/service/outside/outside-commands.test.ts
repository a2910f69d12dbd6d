import { RaftError } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { StateMachineError } from '../../errors.js';
import { RpcMethod } from '../../rpc-methods.js';
import { TestMember } from '../service.test.support.js';
import { TestOutside, turns } from './outside.test.support.js';

let outside: TestOutside;
let member: TestMember;
let session: number;

const ADD = ['add', 'k', 1];

beforeEach(async () => {
  outside = new TestOutside();
  await start();
});

async function start(limits: { maxPendingItems?: number; maxPendingBytes?: number } = {}) {
  member = await TestMember.lead({ outside, ...limits });
  session = member.openSession();
  outside.prepares = false;
  member.command(session, 1, ['put', 'first', 1]);
  await caughtUp();
  commit();
  outside.prepares = true;
}

/** What was committed before this lead is applied, as the replica says. */
async function caughtUp() {
  for (const reader of member.replica.readers.splice(0)) reader.ready();
  await turns();
}

function commit() {
  member.flush();
  void member.commit();
}

const codeOf = (reason: unknown) => (reason instanceof StateMachineError ? reason.code : reason);

describe('preparing a command', () => {
  it('comes before it is proposed, and what it holds is let go of once, after the answer', async () => {
    const answer = member.command(session, 2, ADD);
    commit();
    expect([answer.seen, outside.preparing[0]?.about]).toEqual(['waiting', ADD]);
    await outside.goOn();
    member.flush();
    expect([answer.seen, outside.released]).toEqual(['waiting', []]);
    await member.commit();
    expect([answer.seen, outside.released]).toEqual([1, [ADD]]);
    expect(outside.preparing[0]?.until.signal.aborted).toBe(false);
    expect(outside.preparing[0]?.until.deadlineMs).toBe(10_000);
  });

  it('costs nothing where there is nothing to prepare', async () => {
    outside.prepares = false;
    const answer = member.command(session, 2, ADD);
    commit();
    expect([answer.seen, outside.settling]).toEqual([1, []]);
  });

  it('holds up no other command, also of the same session', async () => {
    const held = member.command(session, 2, ADD);
    outside.prepares = false;
    const other = member.command(session, 3, ADD);
    commit();
    await outside.goOn(0);
    commit();
    expect([other.seen, held.seen]).toEqual([1, 2]);
  });

  it('may end with an answer, and nothing is proposed', async () => {
    const answer = member.command(session, 2, ADD);
    const before = member.replica.log.length;
    outside.preparing[0]?.resolve({ answer: ['no such place'] });
    await turns();
    member.flush();
    expect(answer.seen).toBe('COMMAND_REFUSED definite');
    expect(answer.failure?.details).toEqual({ outcome: 'definite', answer: ['no such place'] });
    expect(member.replica.log.length).toBe(before);
    expect(member.service.status().pendingRequests).toBe(0);
  });

  it('that fails is told, definitely', async () => {
    const rejected = [
      new Error('hangs'),
      new StateMachineError('OVERLOADED', 'later'),
      new RaftError('LEADERSHIP_LOST', 'gone'),
    ];
    const answers = rejected.map((error, i) => {
      const answer = member.command(session, i + 2, ADD);
      outside.preparing[i]?.reject(error);
      return answer;
    });
    outside.failure = new Error('throws');
    answers.push(member.command(session, 9, ADD));
    await turns();
    expect(answers.map(({ seen }) => seen)).toEqual([
      'COMMAND_FAILED definite',
      'OVERLOADED definite',
      'NOT_LEADER definite',
      'COMMAND_FAILED definite',
    ]);
    expect(member.service.status().pendingRequests).toBe(0);
  });

  it('ends with the deadline, and is let go of when it comes to something after all', async () => {
    const answer = member.command(session, 2, ADD, 100);
    const signal = outside.preparing[0]?.until.signal;
    member.clock.advance(200);
    expect(answer.seen).toBe('DEADLINE_EXCEEDED definite');
    expect(codeOf(signal?.reason)).toBe('DEADLINE_EXCEEDED');
    expect(member.service.status().pendingRequests).toBe(1);
    await outside.goOn();
    expect(outside.released).toEqual([ADD]);
    commit();
    expect([answer.times, member.service.status().pendingRequests]).toEqual([1, 0]);
    member.clock.advance(100);
    expect(member.clock.timers).toBe(0);
  });

  it('ends with the lead, definitely, prepared or not', async () => {
    const answers = [member.command(session, 2, ADD), member.command(session, 3, ADD)];
    await outside.goOn(0);
    member.replica.become('follower', 2, 2);
    expect(answers.map(({ seen }) => seen)).toEqual([
      'NOT_LEADER definite two:2',
      'NOT_LEADER definite two:2',
    ]);
    expect(outside.released).toEqual([ADD]);
    expect(codeOf(outside.preparing[1]?.until.signal.reason)).toBe('NOT_LEADER');
    await outside.goOn(1);
    expect(outside.released).toEqual([ADD, ADD]);
  });

  it('ends with the lead also where that is won again in the same moment', async () => {
    const answers = [member.command(session, 2, ADD), member.command(session, 3, ADD)];
    await outside.goOn(0);
    member.replica.become('leader', 3, 1);
    const before = member.replica.log.length;
    member.flush();
    expect(answers.map(({ seen }) => seen)).toEqual(['NOT_LEADER definite', 'NOT_LEADER definite']);
    expect(member.replica.log.length).toBe(before);
  });

  it('ends when the member stops', async () => {
    const answers = [member.command(session, 2, ADD), member.command(session, 3, ADD)];
    await outside.goOn(0);
    await member.service.close();
    expect(answers.map(({ seen }) => seen)).toEqual(['STOPPED definite', 'STOPPED definite']);
    expect(codeOf(outside.preparing[1]?.until.signal.reason)).toBe('STOPPED');
    await outside.goOn(1);
    expect([outside.released, member.clock.timers]).toEqual([[ADD, ADD], 0]);
  });

  it('counts among what waits, in number and in bytes', async () => {
    await start({ maxPendingItems: 2 });
    outside.preparing.length = 0;
    const answers = [2, 3, 4].map((sequence) => member.command(session, sequence, ADD));
    expect(answers[2]?.seen).toBe('OVERLOADED definite');
    expect(outside.preparing).toHaveLength(2);
    await outside.goOn(0);
    expect(member.command(session, 5, ADD).seen).toBe('OVERLOADED definite');
    commit();
    expect(member.command(session, 6, ADD).seen).toBe('waiting');
    await start({ maxPendingBytes: 100 });
    const large = ['put', 'k', 'x'.repeat(60)];
    const bytes = [2, 3].map((sequence) => member.command(session, sequence, large));
    expect(bytes.map(({ seen }) => seen)).toEqual(['waiting', 'OVERLOADED definite']);
  });

  it('takes its time where the outcome of the proposed command is unknown', async () => {
    const answer = member.command(session, 2, ADD, 100);
    await outside.goOn();
    member.flush();
    member.clock.advance(200);
    expect([answer.seen, outside.released]).toEqual(['OUTCOME_UNKNOWN unknown', [ADD]]);
    void member.commit();
    expect([answer.times, outside.released]).toEqual([1, [ADD]]);
  });
});

describe('a command that comes again', () => {
  it('while it is prepared waits for the outcome of that', async () => {
    const first = member.command(session, 2, ADD);
    const second = member.command(session, 2, ADD);
    expect([first.seen, outside.preparing.length]).toEqual(['OUTCOME_UNKNOWN unknown', 1]);
    await outside.goOn();
    member.flush();
    const third = member.command(session, 2, ADD);
    void member.commit();
    expect([second.seen, third.seen]).toEqual(['OUTCOME_UNKNOWN unknown', 1]);
    expect([outside.preparing.length, outside.released]).toEqual([1, [ADD]]);
  });

  it('and was carried out is not prepared, but settled', async () => {
    outside.prepares = false;
    member.command(session, 2, ADD);
    commit();
    outside.prepares = true;
    outside.settles = true;
    const again = member.command(session, 2, ADD);
    commit();
    expect(outside.preparing).toEqual([]);
    expect(outside.settling[0]?.about).toEqual([ADD, 1]);
    outside.settling[0]?.resolve('settled');
    await turns();
    expect(again.seen).toBe('settled');
  });

  it('and was given up by its client is not prepared', () => {
    outside.prepares = false;
    member.ask(RpcMethod.Command, [session, 5, 5, ADD, 1000]);
    commit();
    outside.prepares = true;
    const givenUp = member.command(session, 2, ADD);
    commit();
    expect([givenUp.seen, outside.preparing]).toEqual(['SEQUENCE_ACKNOWLEDGED definite', []]);
  });
});

describe('settling a command', () => {
  beforeEach(() => {
    outside.prepares = false;
    outside.settles = true;
  });

  it('comes before its client is answered, with what that is answered', async () => {
    outside.prepares = true;
    const answer = member.command(session, 2, ADD);
    await outside.goOn();
    commit();
    expect([answer.seen, outside.settling[0]?.about]).toEqual(['waiting', [ADD, 1]]);
    expect(outside.released).toEqual([]);
    outside.settling[0]?.resolve('settled');
    await turns();
    expect([answer.seen, outside.released]).toEqual(['settled', [ADD]]);
  });

  it('holds up nothing that is applied', () => {
    member.command(session, 2, ADD);
    commit();
    outside.settles = false;
    const other = member.command(session, 3, ADD);
    commit();
    expect(other.seen).toBe(2);
  });

  it('that fails leaves the outcome unknown, whatever it says', async () => {
    const rejected = [new Error('hangs'), new StateMachineError('UNAVAILABLE', 'later')];
    const answers = rejected.map((_, i) => member.command(session, i + 2, ADD));
    commit();
    for (const [i, error] of rejected.entries()) outside.settling[i]?.reject(error);
    await turns();
    expect(answers.map(({ seen }) => seen)).toEqual([
      'OUTCOME_UNKNOWN unknown',
      'UNAVAILABLE unknown',
    ]);
  });

  it('that throws stops no member', async () => {
    const answer = member.command(session, 2, ADD);
    outside.failure = new Error('throws');
    commit();
    expect(answer.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(member.service.status().stopped).toBe(false);
  });

  it('ends with the deadline, the lead, or the member', async () => {
    const late = member.command(session, 2, ADD, 100);
    const answers = [late, member.command(session, 3, ADD)];
    commit();
    const signals = outside.settling.map(({ until }) => until.signal);
    member.clock.advance(200);
    member.replica.become('follower', 2, 2);
    expect(answers.map(({ seen }) => seen)).toEqual([
      'OUTCOME_UNKNOWN unknown',
      'OUTCOME_UNKNOWN unknown',
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(member.service.status().pendingRequests).toBe(2);
    for (const call of outside.settling) call.resolve('too late');
    await turns();
    expect(member.service.status().pendingRequests).toBe(0);
    member.replica.become('leader', 3, 1);
    const stopped = member.command(session, 4, ADD);
    await caughtUp();
    commit();
    await member.service.close();
    expect(stopped.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(outside.settling.at(-1)?.until.signal.aborted).toBe(true);
  });

  it('counts among what waits', async () => {
    await start({ maxPendingItems: 1 });
    outside.settling[0]?.resolve(null);
    await turns();
    outside.prepares = false;
    member.command(session, 2, ADD);
    commit();
    expect(member.command(session, 3, ADD).seen).toBe('OVERLOADED definite');
  });
});

describe('a new lead', () => {
  it('prepares nothing before all that former ones committed is applied', async () => {
    member.replica.become('leader', 2, 1);
    const answers = [member.command(session, 2, ADD), member.command(session, 3, ADD)];
    await turns();
    expect([outside.preparing.length, member.replica.readers.length]).toEqual([0, 1]);
    await caughtUp();
    expect(outside.preparing.length).toBe(2);
    member.command(session, 4, ADD);
    expect([outside.preparing.length, member.replica.readers.length]).toEqual([3, 0]);
    expect(answers.map(({ seen }) => seen)).toEqual(['waiting', 'waiting']);
  });

  it('finds there that a command was carried out, and settles it', async () => {
    outside.settles = true;
    outside.prepares = false;
    const lost = member.command(session, 2, ADD);
    member.flush();
    member.replica.become('leader', 2, 1);
    outside.prepares = true;
    const again = member.command(session, 2, ADD);
    void member.commit();
    await caughtUp();
    commit();
    expect(outside.preparing).toEqual([]);
    outside.settling.at(-1)?.resolve('settled');
    await turns();
    expect([lost.seen, again.seen]).toEqual(['OUTCOME_UNKNOWN unknown', 'settled']);
  });

  it('says so when it cannot find out, and tries again', async () => {
    member.replica.become('leader', 2, 1);
    const answer = member.command(session, 2, ADD);
    member.replica.readers.pop()?.failed(new RaftError('READS_OVERLOADED', 'later'));
    await turns();
    expect(answer.seen).toBe('OVERLOADED definite');
    member.command(session, 2, ADD);
    await caughtUp();
    expect(outside.preparing.length).toBe(1);
  });
});

it('what the machine itself wants done passes by', () => {
  member.machine.work = ['put', 'own', 1] as never;
  member.replica.become('leader', 2, 1);
  const before = member.replica.log.length;
  commit();
  expect(member.replica.log.length).toBe(before + 1);
  expect([outside.preparing, outside.settling]).toEqual([[], []]);
});
