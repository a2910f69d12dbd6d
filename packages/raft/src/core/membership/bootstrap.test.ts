import { describe, expect, it } from 'vitest';
import { InvariantBroken } from '../invariant.js';
import { EMPTY_HARD_STATE, EntryType, totalBytes } from '../log/entry.js';
import { EMPTY_BASE, type LogState } from '../log/log-state.js';
import { afterBootstrap, bootstrapWrite } from './bootstrap.js';
import { EMPTY_MEMBERSHIP } from './membership.js';
import { InvalidChange } from './membership-change.js';
import { decodeMembershipRecord } from './membership-record.js';
import { nextMembership } from './next-membership.js';

const EMPTY_LOG: LogState = {
  hardState: EMPTY_HARD_STATE,
  base: EMPTY_BASE,
  lastIndex: 0,
  termRuns: [],
  sizes: [],
  membershipEntries: [],
};

describe('bootstrap', () => {
  it('writes who takes part as the first, committed entry', () => {
    const write = bootstrapWrite([3, 1], [2], { 1: { member: 'a:1' }, 3: { member: 'c:1' } });
    const [entry] = write.entries;
    expect(write.hardState).toEqual({ term: 1, votedFor: 0, commit: 1, recovery: 0 });
    expect([entry.index, entry.term, entry.type]).toEqual([1, 1, EntryType.Membership]);
    const record = decodeMembershipRecord(entry.data);
    const membership = nextMembership(EMPTY_MEMBERSHIP, record, entry.index, entry.term);
    expect(membership).toEqual({
      index: 1,
      configuration: {
        voters: [1, 3],
        outgoing: [],
        learners: [2],
        nextLearners: [],
        autoLeave: false,
      },
      endpoints: { 1: { member: 'a:1' }, 3: { member: 'c:1' } },
      forcedRecoveries: [],
      unheard: [1, 2, 3],
    });
  });

  it('gives the log as it is then found', () => {
    const write = bootstrapWrite([1], [], {});
    expect(afterBootstrap(EMPTY_LOG, write)).toEqual({
      hardState: write.hardState,
      base: EMPTY_BASE,
      lastIndex: 1,
      termRuns: [{ index: 1, term: 1 }],
      sizes: [{ index: 1, bytes: totalBytes(write.entries) }],
      membershipEntries: write.entries,
    });
  });

  it('is refused for a cluster that could decide nothing, and for a log that has begun', () => {
    expect(() => bootstrapWrite([], [1], {})).toThrow(InvalidChange);
    expect(() => bootstrapWrite([1, 2], [2], {})).toThrow(InvalidChange);
    const write = bootstrapWrite([1], [], {});
    const begun = afterBootstrap(EMPTY_LOG, write);
    expect(() => afterBootstrap(begun, write)).toThrow(InvariantBroken);
  });
});
