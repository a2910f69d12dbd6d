import { setChecker } from '../checkers/set/set-checker.js';
import { NumberedKeys } from './numbered-keys.js';
import type { Workload } from './workload.js';

const ELEMENTS_PER_SET = 500;
const READS = 0.1;

export const set: Workload = {
  name: 'set',
  proves: 'what was acknowledged stays: every element that was added is read from then on',
  calls: ['add', 'read'],
  generator(random, options) {
    const keys = new NumberedKeys(options, ELEMENTS_PER_SET);
    return {
      next: () =>
        random.chance(READS)
          ? { kind: 'read', key: keys.recent(random) }
          : { kind: 'add', ...keys.next() },
    };
  },
  finalCalls: (options) =>
    new NumberedKeys(options, ELEMENTS_PER_SET).all.map((key) => ({ kind: 'read', key })),
  checkers: () => [setChecker],
};
