import { counterChecker } from '../checkers/counter/counter-checker.js';
import { monotonicReadsChecker } from '../checkers/reads/monotonic-reads-checker.js';
import { sessionOrderChecker } from '../checkers/reads/session-order-checker.js';
import type { Workload, WorkloadOptions } from './workload.js';

const CLIENTS_PER_KEY = 4;
const READS = 0.4;
/** So many that hardly two are the same: a sum tells which commands are in it. */
const MAX_AMOUNT = 1_000_000;

export const sessions: Workload = {
  name: 'sessions',
  proves:
    'across failovers a session carries out its commands once and in order, and clients read what they wrote',
  calls: ['add', 'read'],
  generator: (random, options) => ({
    next(process) {
      // A client stays with its key: what it wrote it reads again, beside what few others do.
      const key = keyOf(process, options);
      if (random.chance(READS)) return { kind: 'read', key };
      return { kind: 'add', key, amount: random.between(1, MAX_AMOUNT) };
    },
  }),
  finalCalls: (options) => keysOf(options).map((key) => ({ kind: 'read', key })),
  checkers: () => [sessionOrderChecker, counterChecker, monotonicReadsChecker],
};

function keysOf({ clients }: WorkloadOptions): readonly string[] {
  const count = Math.max(1, Math.ceil(clients / CLIENTS_PER_KEY));
  return Array.from({ length: count }, (_, at) => `s${at}`);
}

function keyOf(process: number, options: WorkloadOptions): string {
  const keys = keysOf(options);
  return `s${process % keys.length}`;
}
