import { appendListChecker } from '../checkers/lists/list-checker.js';
import { NumberedKeys } from './numbered-keys.js';
import type { Workload } from './workload.js';

const ELEMENTS_PER_LIST = 200;
const READS = 0.3;

export const lists: Workload = {
  name: 'lists',
  proves: 'appends take effect once and in one order, which all reads agree on',
  calls: ['append', 'read'],
  generator(random, options) {
    const keys = new NumberedKeys(options, ELEMENTS_PER_LIST);
    return {
      next: () =>
        random.chance(READS)
          ? { kind: 'read', key: keys.recent(random) }
          : { kind: 'append', ...keys.next() },
    };
  },
  finalCalls: (options) =>
    new NumberedKeys(options, ELEMENTS_PER_LIST).all.map((key) => ({ kind: 'read', key })),
  checkers: () => [appendListChecker],
};
