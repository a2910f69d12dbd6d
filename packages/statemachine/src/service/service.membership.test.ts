import { RaftError } from 'raft-ts';
import { EMPTY_CONFIGURATION, EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { RpcMethod } from '../rpc-methods.js';
import type { Answer } from './fake-member.test.support.js';
import { parseMembership } from './membership/cluster-membership.js';
import { TestMember } from './service.test.support.js';

const ENDPOINTS = { member: 'c:2', client: 'c:1' };
const MEMBERSHIP = {
  ...EMPTY_MEMBERSHIP,
  index: 5,
  configuration: { ...EMPTY_CONFIGURATION, voters: [1, 2], learners: [3] },
  endpoints: { 3: ENDPOINTS },
};

let member: TestMember;

beforeEach(async () => {
  member = await TestMember.lead();
  member.replica.membership = MEMBERSHIP;
});

const change = (...changes: readonly (readonly unknown[])[]): Answer =>
  member.ask(RpcMethod.ChangeMembership, [changes as never, 60_000]);

/** What the replica was asked for comes to this. */
async function settle(outcome: Error | boolean = true): Promise<void> {
  member.replica.asked.at(-1)?.settle(outcome);
  await new Promise(setImmediate);
}

function refused(reason: 'joint' | 'not-caught-up' | 'majority-at-risk' | 'invalid-change') {
  return new RaftError('CHANGE_REFUSED', reason, { details: { reason } });
}

describe('the membership', () => {
  it('is told by the leader, and nobody else', () => {
    const told = parseMembership(member.ask(RpcMethod.Membership, null).result);
    expect(told).toMatchObject({ clusterId: 'test', index: 5, leader: 1, joint: false });
    expect(told.members.map(({ id, role }) => `${id} ${role}`)).toEqual([
      '1 voter',
      '2 voter',
      '3 learner',
    ]);
    expect(told.members[2]?.endpoints).toEqual(ENDPOINTS);
    member.replica.become('follower', 2, 2);
    for (const method of [RpcMethod.Membership, RpcMethod.ChangeMembership]) {
      const answer = member.ask(method, [[['remove', 2, null]], 1000]);
      expect(answer.seen).toBe('NOT_LEADER definite two:2');
    }
    expect(member.ask(RpcMethod.TransferLeadership, [2, 10]).seen).toBe(
      'NOT_LEADER definite two:2',
    );
  });

  it('says who joins and who leaves while it is joint', () => {
    const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 4], outgoing: [1, 2] };
    member.replica.membership = { ...MEMBERSHIP, configuration };
    const told = parseMembership(member.ask(RpcMethod.Membership, null).result);
    expect(told.members.map(({ role }) => role)).toEqual(['voter', 'leaving', 'joining']);
    expect(told.joint).toBe(true);
  });

  it('is changed once the replica says so', async () => {
    const answer = change(['add-voter', 3, null], ['remove', 2, null]);
    expect(member.replica.asked[0]?.what).toEqual({
      changes: [
        { type: 'add-voter', id: 3 },
        { type: 'remove', id: 2 },
      ],
      transition: 'auto',
    });
    expect(answer.seen).toBe('waiting');
    await settle();
    expect(answer.result).toBe(null);
  });

  it('is changed once a joint configuration is left', async () => {
    const answer = change(['add-voter', 3, null], ['remove', 2, null]);
    const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 3], outgoing: [1, 2] };
    member.replica.membership = { ...MEMBERSHIP, configuration };
    await settle();
    expect(answer.seen).toBe('waiting');
    member.replica.membership = {
      ...MEMBERSHIP,
      configuration: { ...configuration, outgoing: [] },
    };
    await settle();
    expect(answer.result).toBe(null);
  });

  it('is changed once, however often that is asked for', async () => {
    const endpoints = ['c:2', 'c:1', null];
    for (const done of [
      ['add-learner', 3, null],
      ['add-learner', 3, endpoints],
      ['add-voter', 2, null],
      ['remove', 9, null],
      ['update', 3, endpoints],
    ]) {
      const answer = change(done);
      await new Promise(setImmediate);
      expect(answer.result).toBe(null);
    }
    expect(member.replica.asked).toEqual([]);
    change(['update', 3, ['d:2', null, null]]);
    expect(member.replica.asked[0]?.what).toMatchObject({
      changes: [{ type: 'update', id: 3, endpoints: { member: 'd:2' } }],
    });
  });

  it('has priorities, which are given once', async () => {
    const { membership } = member.replica;
    member.replica.membership = { ...membership, priorities: { 2: 0 } };
    const done = change(['update', 2, null, 0]);
    await new Promise(setImmediate);
    expect([done.result, member.replica.asked]).toEqual([null, []]);
    change(['update', 2, null, 1]);
    expect(member.replica.asked[0]?.what).toMatchObject({
      changes: [{ type: 'update', id: 2, priority: 1 }],
    });
    for (const wrong of [
      ['update', 2, null, 4],
      ['update', 2, null, null],
      ['remove', 2, null, 0],
    ]) {
      expect(change(wrong).seen).toBe('INVALID_REQUEST definite');
    }
  });

  it('is not changed where that is refused, by a code each', async () => {
    const seen: unknown[] = [];
    for (const error of [
      refused('joint'),
      refused('not-caught-up'),
      refused('majority-at-risk'),
      refused('invalid-change'),
      new RaftError('CHANGE_LOST', 'lost'),
      new RaftError('OUTCOME_UNKNOWN', 'no leader'),
      new RaftError('REPLICA_STOPPED', 'stopped'),
    ]) {
      const answer = change(['remove', 2, null]);
      await settle(error);
      // Of some it has to be sure, as one that was just elected.
      while (answer.seen === 'waiting') {
        member.clock.advance(100);
        await settle(error);
      }
      seen.push(answer.seen);
    }
    expect(seen).toEqual([
      'CHANGE_UNDER_WAY definite',
      'MEMBER_NOT_CAUGHT_UP definite',
      'MAJORITY_AT_RISK definite',
      'CHANGE_INVALID definite',
      'NOT_LEADER definite',
      'OUTCOME_UNKNOWN unknown',
      'OUTCOME_UNKNOWN unknown',
    ]);
    const stranger = change(['update', 9, ['d:2', null, null]]);
    await new Promise(setImmediate);
    expect(stranger.seen).toBe('CHANGE_INVALID definite');
  });

  it('of a change that is not over in time is unknown', async () => {
    const answer = change(['remove', 2, null]);
    member.clock.advance(60_000);
    await new Promise(setImmediate);
    expect(answer.seen).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('loses its leader only after that has handed over', async () => {
    for (const type of ['remove', 'add-learner']) {
      const answer = change([type, 1, null]);
      expect(member.replica.asked.at(-1)?.what).toBe('hand-over');
      await settle();
      expect(answer.seen).toBe('NOT_LEADER definite');
    }
    const abandoned = change(['remove', 1, null]);
    while (abandoned.seen === 'waiting') {
      await settle(false);
      member.clock.advance(100);
      await new Promise(setImmediate);
    }
    expect(abandoned.seen).toBe('MAJORITY_AT_RISK definite');
    expect(member.replica.asked.every(({ what }) => what === 'hand-over')).toBe(true);
    const configuration = { ...EMPTY_CONFIGURATION, voters: [1] };
    member.replica.membership = { ...MEMBERSHIP, configuration };
    const alone = change(['remove', 1, null]);
    await settle();
    expect(alone.seen).toBe('CHANGE_INVALID definite');
  });
});

it('the leader that goes hands over to one that stays', async () => {
  const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 2, 4], learners: [3] };
  member.replica.membership = { ...MEMBERSHIP, configuration };
  change(['remove', 1, null], ['add-learner', 2, null], ['add-voter', 3, null]);
  await settle();
  expect(member.replica.passedOver).toEqual([[1, 2]]);
});

describe('the lead', () => {
  it('is handed over, and is where it is', async () => {
    const answer = member.ask(RpcMethod.TransferLeadership, [2, 1000]);
    expect(member.replica.asked[0]?.what).toBe(2);
    await settle();
    expect(answer.result).toBe(null);
    const own = member.ask(RpcMethod.TransferLeadership, [1, 1000]);
    await new Promise(setImmediate);
    expect(own.result).toBe(null);
  });

  it('is not handed over to who can not take it', async () => {
    const transfer = async (error: Error) => {
      const answer = member.ask(RpcMethod.TransferLeadership, [2, 1000]);
      await settle(error);
      return answer.seen;
    };
    const details = { reason: 'invalid-target' } as const;
    expect(await transfer(new RaftError('TRANSFER_REFUSED', 'no', { details }))).toBe(
      'CHANGE_INVALID definite',
    );
    for (const [outcome, seen] of [
      ['expired', 'TRANSFER_FAILED definite'],
      ['elsewhere', 'OUTCOME_UNKNOWN unknown'],
    ] as const) {
      const error = new RaftError('TRANSFER_FAILED', 'no', { details: { outcome } });
      expect(await transfer(error)).toBe(seen);
    }
  });

  it('is asked for by a bounded number at once', () => {
    const answers = Array.from({ length: 65 }, () =>
      member.ask(RpcMethod.TransferLeadership, [2, 1000]),
    );
    expect(answers.map(({ seen }) => seen).filter((seen) => seen !== 'waiting')).toEqual([
      'OVERLOADED definite',
    ]);
  });
});
