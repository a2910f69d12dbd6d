import { expect, it } from 'vitest';
import { EMPTY_HARD_STATE } from '../log/entry.js';
import { EMPTY_BASE } from '../log/log-state.js';
import { afterBootstrap, bootstrapWrite } from './bootstrap.js';
import { committedMembership } from './committed-membership.js';

it('is what a log holds of the membership up to its commit', () => {
  const empty = {
    hardState: EMPTY_HARD_STATE,
    base: EMPTY_BASE,
    lastIndex: 0,
    termRuns: [],
    membershipEntries: [],
    sizes: [],
  };
  expect(committedMembership(empty).configuration.voters).toEqual([]);
  const endpoints = { 2: { member: 'b:1' } };
  const log = afterBootstrap(empty, bootstrapWrite([1, 2], [], endpoints));
  expect(committedMembership(log)).toMatchObject({ configuration: { voters: [1, 2] }, endpoints });
  const uncommitted = { ...log, hardState: { ...log.hardState, commit: 0 } };
  expect(committedMembership(uncommitted).configuration.voters).toEqual([]);
});
