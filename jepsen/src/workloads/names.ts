import { nameChecker } from '../checkers/names/name-checker.js';
import type { Workload } from './workload.js';

/** Calls for each name: most are claimed more than once. */
const CLAIMS_PER_NAME = 3;
/** Of the whole test, about: each of them has all names. */
const LISTS = 40;

export const names: Workload = {
  name: 'names',
  proves:
    'of all who claim a name one gets it; none is lost, none comes from nowhere, none is there twice',
  calls: ['claim', 'list'],
  generator(random, { calls }) {
    const count = Math.max(1, Math.ceil(calls / CLAIMS_PER_NAME));
    // Names come up in about the order of their numbers, so that claims of one collide.
    let claims = 0;
    return {
      next() {
        if (random.chance(LISTS / Math.max(LISTS, calls))) return { kind: 'list' };
        const around = Math.floor(claims++ / CLAIMS_PER_NAME);
        return { kind: 'claim', name: `name-${(around + random.below(4)) % count}` };
      },
    };
  },
  finalCalls: () => [{ kind: 'list' }],
  checkers: () => [nameChecker],
};
