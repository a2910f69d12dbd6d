import { counterChecker } from '../checkers/counter/counter-checker.js';
import { monotonicReadsChecker } from '../checkers/reads/monotonic-reads-checker.js';
import { staleReadsChecker } from '../checkers/reads/stale-reads-checker.js';
import type { CallInput } from '../histories/history-event.js';
import type { Random } from '../random.js';
import type { Workload } from './workload.js';

const KEYS = ['f0', 'f1', 'f2'];
const READS = 0.7;
/** So many that hardly two are the same: a sum tells which commands are in it. */
const MAX_AMOUNT = 1_000_000;
/** Longer than a heartbeat, shorter than an election: some such reads are answered from what a member has. */
const MAX_STALE_MS = 200;

export const followerReads: Workload = {
  name: 'follower-reads',
  proves:
    'what any member answers is as recent as was asked for: linearizable, of bounded staleness, or of any state that there was',
  calls: ['add', 'read'],
  generator: (random) => ({
    next() {
      const key = random.pick(KEYS);
      if (random.chance(READS)) return readOf(random, key);
      return { kind: 'add', key, amount: random.between(1, MAX_AMOUNT) };
    },
  }),
  finalCalls: () => KEYS.map((key) => ({ kind: 'read', key, consistency: 'linearizable' })),
  checkers: () => [counterChecker, staleReadsChecker, monotonicReadsChecker],
};

function readOf(random: Random, key: string): CallInput {
  const drawn = random.fraction();
  if (drawn < 0.4) return { kind: 'read', key, consistency: 'linearizable' };
  if (drawn < 0.7) return { kind: 'read', key, consistency: 'bounded', maxStaleMs: MAX_STALE_MS };
  return { kind: 'read', key, consistency: 'local' };
}
