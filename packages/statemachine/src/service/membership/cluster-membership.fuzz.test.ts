import { fuzzValues } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { StateMachineError } from '../../errors.js';
import { encodeMembership, parseMembership } from './cluster-membership.js';

it('cluster-memberships', async () => {
  const member = {
    id: 1,
    role: 'voter',
    endpoints: { member: 'a:1', client: 'a:2', http: 'a:3' },
    active: true,
    recovering: false,
    match: 4,
    lag: 5,
  };
  const report = await fuzzValues({
    name: 'cluster-memberships',
    corpus: [
      { clusterId: 'c', index: 2, leader: 1, joint: true, members: [member] },
      {
        clusterId: 'c',
        index: 0,
        leader: 3,
        joint: false,
        members: [{ ...member, role: 'learner', endpoints: null }],
      },
    ],
    decode: (value) => {
      const membership = parseMembership(value);
      // What was taken can be told to others.
      expect(parseMembership(encodeMembership(membership))).toEqual(membership);
      return membership;
    },
    isRefusal: (error) => error instanceof StateMachineError && error.code === 'ANSWER_INVALID',
  });
  console.log(report.line);
});
