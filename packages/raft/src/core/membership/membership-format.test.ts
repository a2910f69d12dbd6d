import { describe, expect, it } from 'vitest';
import type { Membership } from './membership.js';
import { decodeMembership, encodeMembership } from './membership-codec.js';
import {
  decodeMembershipRecord,
  encodeMembershipRecord,
  type MembershipRecord,
} from './membership-record.js';

/*
 * What stands in logs, on the wire and in snapshots, to the byte. A change of it makes every one that
 * was written unreadable: it needs another format number, and code that reads both.
 */

const CONFIGURATION =
  '"configuration":{"voters":[1,2],"outgoing":[2,3],"learners":[4],"nextLearners":[3],"autoLeave":true}';
const configuration = {
  voters: [1, 2],
  outgoing: [2, 3],
  learners: [4],
  nextLearners: [3],
  autoLeave: true,
};
const ENDPOINTS =
  '"endpoints":{"1":{"member":"a:1","client":"a:2","http":"a:3"},"4":{"member":"höst:1"}}';
const endpoints = {
  1: { member: 'a:1', client: 'a:2', http: 'a:3' },
  4: { member: 'höst:1' },
};

const RECORDS: readonly (readonly [MembershipRecord, string])[] = [
  [
    { kind: 'bootstrap', configuration, endpoints },
    `{"format":1,"kind":"bootstrap",${CONFIGURATION},${ENDPOINTS}}`,
  ],
  [
    {
      kind: 'change',
      change: {
        changes: [
          { type: 'add-voter', id: 5, endpoints: { member: 'e:1', http: 'e:3' } },
          { type: 'add-learner', id: 6 },
          { type: 'remove', id: 3 },
          { type: 'update', id: 2, endpoints: { member: 'b:1', client: 'b:2' } },
          { type: 'update', id: 4, priority: 0 },
        ],
        transition: 'implicit',
      },
    },
    '{"format":1,"kind":"change","change":{"changes":[' +
      '{"type":"add-voter","id":5,"endpoints":{"member":"e:1","http":"e:3"}},' +
      '{"type":"add-learner","id":6},{"type":"remove","id":3},' +
      '{"type":"update","id":2,"endpoints":{"member":"b:1","client":"b:2"}},' +
      '{"type":"update","id":4,"priority":0}],' +
      '"transition":"implicit"}}',
  ],
  [
    {
      kind: 'forced',
      configuration,
      endpoints,
      lostVoters: [2, 3],
      reason: 'the "rack" burnt',
      atMs: 1_700_000_000_000,
    },
    `{"format":1,"kind":"forced",${CONFIGURATION},${ENDPOINTS},` +
      '"lostVoters":[2,3],"reason":"the \\"rack\\" burnt","atMs":1700000000000}',
  ],
  [{ kind: 'heard', ids: [1, 3] }, '{"format":1,"kind":"heard","ids":[1,3]}'],
];

const MEMBERSHIP: Membership = {
  index: 9,
  configuration,
  endpoints,
  forcedRecoveries: [{ index: 7, term: 4, lostVoters: [2, 3], reason: 'fire', atMs: 1 }],
  unheard: [3, 4],
};
const MEMBERSHIP_BYTES =
  `{"format":1,"index":9,${CONFIGURATION},${ENDPOINTS},` +
  '"forcedRecoveries":[{"index":7,"term":4,"lostVoters":[2,3],"reason":"fire","atMs":1}],"unheard":[3,4]}';

const text = new TextDecoder();
const bytes = (json: string) => new TextEncoder().encode(json);

describe('format 1', () => {
  it.each(RECORDS)('of a record of kind $kind', (record, json) => {
    expect(text.decode(encodeMembershipRecord(record))).toBe(json);
    expect(decodeMembershipRecord(bytes(json))).toEqual(record);
  });

  it('of a membership', () => {
    expect(text.decode(encodeMembership(MEMBERSHIP))).toBe(MEMBERSHIP_BYTES);
    expect(decodeMembership(bytes(MEMBERSHIP_BYTES))).toEqual(MEMBERSHIP);
    const json = MEMBERSHIP_BYTES.replace('"forced', '"priorities":{"1":0,"4":3},"forced');
    const { index, forcedRecoveries, unheard } = MEMBERSHIP;
    const priorities = { 1: 0, 4: 3 };
    const given = { index, configuration, endpoints, priorities, forcedRecoveries, unheard };
    expect(text.decode(encodeMembership(given))).toBe(json);
    expect(decodeMembership(bytes(json))).toEqual(given);
  });

  it.each(['4', '-1', '1.5', 'null', '"1"'])('has no priority %s', (priority) => {
    const wrong = MEMBERSHIP_BYTES.replace('"forced', `"priorities":{"4":${priority}},"forced`);
    expect(() => decodeMembership(bytes(wrong))).toThrow('membership.priorities.4');
    const change = `"changes":[{"type":"update","id":4,"priority":${priority}}],"transition":"auto"`;
    const record = bytes(`{"format":1,"kind":"change","change":{${change}}}`);
    expect(() => decodeMembershipRecord(record)).toThrow('priority must be');
  });

  it('has a priority with an update alone', () => {
    const change = '"changes":[{"type":"add-voter","id":4,"priority":1}],"transition":"auto"';
    const record = bytes(`{"format":1,"kind":"change","change":{${change}}}`);
    expect(() => decodeMembershipRecord(record)).toThrow('priority must be absent unless');
  });

  it('is not taken for another', () => {
    const other = (json: string) => bytes(json.replace('"format":1', '"format":2'));
    for (const [, json] of RECORDS) {
      expect(() => decodeMembershipRecord(other(json))).toThrow('record.format must be 1');
    }
    expect(() => decodeMembership(other(MEMBERSHIP_BYTES))).toThrow('membership.format must be 1');
  });

  it.each([
    '{}',
    '{"client":"a:2"}',
    '{"member":1}',
    '{"member":"a:1","client":null}',
    '{"member":"a:1","port":2}',
    '"a:1"',
  ])('has no endpoints %s', (json) => {
    const wrong = MEMBERSHIP_BYTES.replace('{"member":"höst:1"}', json);
    expect(() => decodeMembership(bytes(wrong))).toThrow('membership.endpoints.4');
  });
});
