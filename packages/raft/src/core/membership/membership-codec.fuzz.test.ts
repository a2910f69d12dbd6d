import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzzBytes } from '../../testing/fuzz/fuzz-decoder.js';
import { fuzzOptions } from '../../testing/fuzz/options.js';
import { InvalidChange } from './invalid-change.js';
import { EMPTY_MEMBERSHIP, type Membership } from './membership.js';
import { membershipRecord } from './membership.test.support.js';
import { decodeMembership, encodeMembership } from './membership-codec.js';
import {
  applyMembershipRecord,
  decodeMembershipRecord,
  encodeMembershipRecord,
  type MembershipRecord,
} from './membership-record.js';
import { MembershipRecordDamaged } from './read-json.js';

const isRefusal = (error: unknown) => error instanceof MembershipRecordDamaged;

it('membership-records', async () => {
  const options = fuzzOptions();
  const report = await fuzzBytes(
    {
      name: 'membership-records',
      corpus: fc
        .sample(membershipRecord, { seed: options.seed, numRuns: 200 })
        .map((record) => Buffer.from(encodeMembershipRecord(record))),
      decode: decodeMembershipRecord,
      isRefusal,
      check: (decoded) => {
        const record = decoded as MembershipRecord;
        expect(decodeMembershipRecord(encodeMembershipRecord(record))).toEqual(record);
        try {
          applyMembershipRecord(EMPTY_MEMBERSHIP, record, 1, 1);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidChange);
        }
      },
    },
    options,
  );
  console.log(report.line);
});

it('memberships', async () => {
  const options = fuzzOptions();
  const memberships = fc
    .sample(membershipRecord, { seed: options.seed, numRuns: 300 })
    .filter((record) => record.kind !== 'change')
    .map((record) => applyMembershipRecord(EMPTY_MEMBERSHIP, record, 9, 3));
  const report = await fuzzBytes(
    {
      name: 'memberships',
      corpus: memberships.map((membership) => Buffer.from(encodeMembership(membership))),
      decode: decodeMembership,
      isRefusal,
      check: (decoded) => {
        const membership = decoded as Membership;
        expect(decodeMembership(encodeMembership(membership))).toEqual(membership);
      },
    },
    options,
  );
  console.log(report.line);
});
