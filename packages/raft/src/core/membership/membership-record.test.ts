import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allMembers, configurationProblem, EMPTY_CONFIGURATION } from './configuration.js';
import { EMPTY_MEMBERSHIP, type Membership } from './membership.js';
import { membershipRecord } from './membership.test.support.js';
import { InvalidChange } from './membership-change.js';
import { decodeMembership, encodeMembership } from './membership-codec.js';
import { MembershipDamaged } from './membership-json.js';
import {
  decodeMembershipRecord,
  encodeMembershipRecord,
  type MembershipRecord,
} from './membership-record.js';
import { nextMembership } from './next-membership.js';

const text = new TextEncoder();

/** What comes of applying those records that make sense, one at each index from 1 on. */
function membershipAfter(records: readonly MembershipRecord[]): Membership {
  let membership = EMPTY_MEMBERSHIP;
  records.forEach((record, i) => {
    try {
      membership = nextMembership(membership, record, i + 1, 3);
    } catch (error) {
      if (!(error instanceof InvalidChange)) throw error;
    }
  });
  return membership;
}

const FOUNDED: MembershipRecord = {
  kind: 'bootstrap',
  configuration: { ...EMPTY_CONFIGURATION, voters: [1, 2, 3], learners: [4] },
  endpoints: {
    1: { member: 'a:1' },
    2: { member: 'b:1' },
    3: { member: 'c:1' },
    4: { member: 'd:1' },
  },
};

describe('a membership record', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(membershipRecord, (record) => {
        expect(decodeMembershipRecord(encodeMembershipRecord(record))).toEqual(record);
      }),
    );
  });

  it('is refused when a byte of it is another or it ends early, unless it still is a record', () => {
    fc.assert(
      fc.property(membershipRecord, fc.nat(), fc.nat(255), (record, position, byte) => {
        const bytes = encodeMembershipRecord(record);
        const at = position % bytes.length;
        const altered = Uint8Array.from(bytes);
        altered[at] = byte;
        for (const damaged of [altered, bytes.subarray(0, at)]) {
          try {
            const read = decodeMembershipRecord(damaged);
            if ('configuration' in read)
              expect(configurationProblem(read.configuration)).toBe(undefined);
          } catch (error) {
            expect(error).toBeInstanceOf(MembershipDamaged);
          }
        }
      }),
    );
  });

  it.each([
    'null',
    '[]',
    '{"format":1,"kind":"other"}',
    '{"format":1,"kind":"change"}',
    '{"format":1,"kind":"change","change":{"changes":[],"transition":"auto","more":1}}',
    '{"format":1,"kind":"change","change":{"changes":[],"transition":"never"}}',
    '{"format":1,"kind":"change","change":{"changes":[{"type":"add-voter","id":0}],"transition":"auto"}}',
    '{"format":1,"kind":"change","change":{"changes":[{"type":"add-voter","id":4294967296}],"transition":"auto"}}',
    '{"format":1,"kind":"change","change":{"changes":[{"type":"remove","id":1,"endpoints":{"member":"a:1"}}],"transition":"auto"}}',
    '{"format":1,"kind":"change","change":{"changes":[{"type":"update","id":1,"endpoints":{"member":"\\ud800"}}],"transition":"auto"}}',
    '{"format":1,"kind":"bootstrap","configuration":{"voters":[],"outgoing":[],"learners":[],"nextLearners":[],"autoLeave":false},"endpoints":{}}',
    '{"format":1,"kind":"bootstrap","configuration":{"voters":[2,1],"outgoing":[],"learners":[],"nextLearners":[],"autoLeave":false},"endpoints":{}}',
    '{"format":1,"kind":"bootstrap","configuration":{"voters":[1],"outgoing":[],"learners":[1],"nextLearners":[],"autoLeave":false},"endpoints":{}}',
    '{"format":1,"kind":"bootstrap","configuration":{"voters":[1],"outgoing":[],"learners":[],"nextLearners":[],"autoLeave":false},"endpoints":{"one":{"member":"a:1"}}}',
  ])('is refused: %s', (json) => {
    expect(() => decodeMembershipRecord(text.encode(json))).toThrow(MembershipDamaged);
  });

  it('brings the endpoints of those who come, and takes those of who went', () => {
    const joint = membershipAfter([
      FOUNDED,
      {
        kind: 'change',
        change: {
          transition: 'explicit',
          changes: [
            { type: 'add-voter', id: 5, endpoints: { member: 'e:1' } },
            { type: 'remove', id: 1 },
            { type: 'remove', id: 4 },
            { type: 'update', id: 2, endpoints: { member: 'b:2' } },
            { type: 'update', id: 9, endpoints: { member: 'z:1' } },
          ],
        },
      },
    ]);
    // 1 still votes with the outgoing half.
    expect(joint.endpoints).toEqual({
      1: { member: 'a:1' },
      2: { member: 'b:2' },
      3: { member: 'c:1' },
      5: { member: 'e:1' },
    });
    const left = nextMembership(
      joint,
      { kind: 'change', change: { changes: [], transition: 'auto' } },
      3,
      3,
    );
    expect(left.endpoints).toEqual({
      2: { member: 'b:2' },
      3: { member: 'c:1' },
      5: { member: 'e:1' },
    });
    expect(left.index).toBe(3);
  });

  it('keeps a forced recovery for ever', () => {
    const forced: MembershipRecord = {
      kind: 'forced',
      configuration: { ...EMPTY_CONFIGURATION, voters: [3] },
      endpoints: { 3: { member: 'c:9' } },
      lostVoters: [1, 2],
      reason: 'the room burnt',
      atMs: 1_700_000_000_000,
    };
    const after = membershipAfter([FOUNDED, forced, FOUNDED]);
    expect(after.forcedRecoveries).toEqual([
      { index: 2, term: 3, lostVoters: [1, 2], reason: 'the room burnt', atMs: 1_700_000_000_000 },
    ]);
    expect(membershipAfter([FOUNDED, forced]).endpoints).toEqual({ 3: { member: 'c:9' } });
  });
});

describe('a membership', () => {
  it('is read as it was written, and has no endpoints of a stranger', () => {
    fc.assert(
      fc.property(fc.array(membershipRecord, { maxLength: 8 }), (records) => {
        const membership = membershipAfter(records);
        expect(decodeMembership(encodeMembership(membership))).toEqual(membership);
        const members = allMembers(membership.configuration);
        for (const id of Object.keys(membership.endpoints)) expect(members).toContain(Number(id));
      }),
    );
  });

  it.each([
    '',
    '{}',
    '{"format":1,"index":-1,"configuration":{},"endpoints":{},"forcedRecoveries":[]}',
  ])('is refused: %s', (json) => {
    expect(() => decodeMembership(text.encode(json))).toThrow(MembershipDamaged);
  });
});
