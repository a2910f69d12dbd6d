import fc from 'fast-check';
import type { MemberChange, MembershipChange } from './membership-change.js';
import type { MembershipRecord } from './membership-record.js';

const id = fc.integer({ min: 1, max: 6 });
const address = fc.string({ unit: 'grapheme', maxLength: 12 });
const endpointsOfOne = fc.record(
  { member: address, client: address, http: address },
  { requiredKeys: ['member'], noNullPrototype: true },
);
const endpoints = fc.dictionary(fc.constantFrom('1', '2', '3', '4294967295'), endpointsOfOne, {
  noNullPrototype: true,
});

const memberChange: fc.Arbitrary<MemberChange> = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'update' as const),
      id,
      endpoints: endpointsOfOne,
    },
    { requiredKeys: ['type', 'id'], noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('remove' as const), id }, { noNullPrototype: true }),
);

export const membershipChange: fc.Arbitrary<MembershipChange> = fc.record(
  {
    changes: fc.array(memberChange, { maxLength: 5 }),
    transition: fc.constantFrom('auto' as const, 'implicit' as const, 'explicit' as const),
  },
  { noNullPrototype: true },
);

/** As many of 1 to 9 as there are in none but the first list that names them. */
const configuration = fc
  .tuple(
    fc.array(fc.constantFrom('voter', 'both', 'outgoing', 'next', 'learner', 'none'), {
      minLength: 9,
      maxLength: 9,
    }),
    fc.boolean(),
  )
  .map(([roles, autoLeave]) => {
    const listed = (...names: string[]) =>
      roles.flatMap((role, i) => (names.includes(role) ? [i + 1] : []));
    const outgoing = listed('both', 'outgoing', 'next');
    return {
      voters: [...listed('voter', 'both'), 10],
      outgoing,
      learners: listed('learner'),
      nextLearners: listed('next'),
      autoLeave: autoLeave && outgoing.length > 0,
    };
  });

/** Any record, also ones that no cluster would come to write. */
export const membershipRecord: fc.Arbitrary<MembershipRecord> = fc.oneof(
  fc.record(
    { kind: fc.constant('bootstrap' as const), configuration, endpoints },
    { noNullPrototype: true },
  ),
  fc.record(
    { kind: fc.constant('change' as const), change: membershipChange },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      kind: fc.constant('forced' as const),
      configuration,
      endpoints,
      lostVoters: fc.array(id),
      reason: fc.string({ unit: 'grapheme' }),
      atMs: fc.maxSafeNat(),
    },
    { noNullPrototype: true },
  ),
  fc.record({ kind: fc.constant('heard' as const), ids: fc.array(id) }, { noNullPrototype: true }),
);
