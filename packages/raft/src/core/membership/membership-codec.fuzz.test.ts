import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import type { Configuration } from './configuration.js';
import { EMPTY_MEMBERSHIP, type Membership } from './membership.js';
import { InvalidChange } from './membership-change.js';
import { decodeMembership, encodeMembership } from './membership-codec.js';
import { MembershipDamaged } from './membership-json.js';
import {
  decodeMembershipRecord,
  encodeMembershipRecord,
  type MembershipRecord,
} from './membership-record.js';
import { nextMembership } from './next-membership.js';

const isRefusal = (error: unknown) => error instanceof MembershipDamaged;

const joint: Configuration = {
  voters: [1, 2, 3],
  outgoing: [1, 4, 5],
  learners: [7],
  nextLearners: [5],
  autoLeave: true,
};
const simple = { ...joint, outgoing: [], nextLearners: [], autoLeave: false };
const endpoints = {
  1: { member: 'host:1' },
  2: { member: '[::1]:2', client: '[::1]:3', http: '[::1]:4' },
  4: { member: 'höst "x"\\:3' },
};

const records: readonly MembershipRecord[] = [
  { kind: 'bootstrap', configuration: simple, endpoints: {} },
  { kind: 'bootstrap', configuration: joint, endpoints },
  { kind: 'change', change: { changes: [], transition: 'auto' } },
  {
    kind: 'change',
    change: {
      changes: [
        { type: 'add-voter', id: 9, endpoints: { member: 'host:9', http: 'host:8' } },
        { type: 'add-learner', id: 2 ** 32 - 1 },
        { type: 'remove', id: 1 },
        { type: 'update', id: 2, endpoints: { member: '' } },
      ],
      transition: 'explicit',
    },
  },
  {
    kind: 'forced',
    configuration: simple,
    endpoints,
    lostVoters: [4, 5],
    reason: 'the room burnt\n',
    atMs: 1.7e12,
  },
  { kind: 'heard', ids: [1, 4] },
];

it('membership-records', async () => {
  const report = await fuzzBytes({
    name: 'membership-records',
    corpus: records.map((record) => Buffer.from(encodeMembershipRecord(record))),
    decode: decodeMembershipRecord,
    isRefusal,
    check: (decoded) => {
      const record = decoded as MembershipRecord;
      expect(decodeMembershipRecord(encodeMembershipRecord(record))).toEqual(record);
      try {
        nextMembership(EMPTY_MEMBERSHIP, record, 1, 1);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidChange);
      }
    },
  });
  console.log(report.line);
});

it('memberships', async () => {
  const memberships = records
    .filter((record) => record.kind !== 'change')
    .map((record) => nextMembership(EMPTY_MEMBERSHIP, record, 9, 3));
  const report = await fuzzBytes({
    name: 'memberships',
    corpus: memberships.map((membership) => Buffer.from(encodeMembership(membership))),
    decode: decodeMembership,
    isRefusal,
    check: (decoded) => {
      const membership = decoded as Membership;
      expect(decodeMembership(encodeMembership(membership))).toEqual(membership);
    },
  });
  console.log(report.line);
});
