import { counterChecker } from '../checkers/counter/counter-checker.js';
import { monotonicReadsChecker } from '../checkers/reads/monotonic-reads-checker.js';
import type { Workload } from './workload.js';

const KEYS = ['k0', 'k1', 'k2'];
const READS = 0.3;
/** So many that hardly two are the same: a sum tells which commands are in it. */
const MAX_AMOUNT = 1_000_000;

export const counter: Workload = {
  name: 'counter',
  proves:
    'a command that had to be sent again took effect once, or not at all where nobody answered',
  calls: ['add', 'read'],
  generator: (random) => ({
    next() {
      const key = random.pick(KEYS);
      if (random.chance(READS)) return { kind: 'read', key };
      return { kind: 'add', key, amount: random.between(1, MAX_AMOUNT) };
    },
  }),
  finalCalls: () => KEYS.map((key) => ({ kind: 'read', key })),
  checkers: () => [counterChecker, monotonicReadsChecker],
};
