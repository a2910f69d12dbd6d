import type { History } from '../../histories/history.js';
import type { Checker } from '../checker.js';
import { type CounterAdd, type CounterHistory, countersOf } from '../counter/counter-history.js';
import { HighestBefore } from '../highest-before.js';
import { groupBy } from '../linearizability/group-by.js';
import { linearTimeChecker, ofKey, type Violations } from '../violations.js';
import { isLinearizable } from './consistency.js';

/**
 * Judges what each client and each session sees of its own commands on counters; see `CounterInput`.
 *
 * Proves: a client's linearizable read returns no less than what an add of its own was answered with, or
 * than the sum of its own adds, where those were acknowledged before; and of two adds of one session the
 * one that was called after the other was answered counts after it, whoever leads.
 *
 * Cannot see: the order of commands that are under way together, which no session promises.
 */
export const sessionOrderChecker: Checker = linearTimeChecker(
  'session order',
  'clients read their own writes, and a session carries out its commands in order',
  (history, violations) => {
    const figures = { adds: 0, reads: 0, sessions: 0 };
    for (const counter of countersOf(history)) {
      figures.adds += counter.adds.length;
      figures.reads += judgeOwnWrites(counter, violations);
      figures.sessions += judgeSessions(counter, history, violations);
    }
    return figures;
  },
);

/** How many reads there are. */
function judgeOwnWrites(counter: CounterHistory, violations: Violations): number {
  const adds = groupBy(counter.adds, ({ process }) => process);
  const reads = counter.reads.filter(({ consistency }) => isLinearizable(consistency));
  for (const [process, of] of groupBy(reads, (read) => read.process)) {
    const own = new HighestBefore(ownSums(adds.get(process) ?? []));
    for (const read of of) {
      const written = own.before(read.call);
      if (written === undefined || written.value <= read.value) continue;
      violations.add(
        [
          `Process ${process} read ${read.value}${ofKey(counter.key)} by the read ${violations.span(read)}.`,
          `But its own adds had been acknowledged at ${violations.moment(written.returnedAt)}, with which the counter is ${written.value} at least.`,
        ],
        [written.call, read.call],
      );
    }
  }
  return reads.length;
}

/** With each acknowledged add of a process: what the counter is then at least. */
function ownSums(adds: readonly CounterAdd[]) {
  const acknowledged = adds.filter(({ returnedAt }) => Number.isFinite(returnedAt));
  acknowledged.sort((a, b) => a.returnedAt - b.returnedAt);
  let sum = 0;
  return acknowledged.map(({ call, returnedAt, amount, value }) => {
    sum += amount;
    return { call, returnedAt, value: Math.max(sum, value ?? 0) };
  });
}

/** How many sessions there are. */
function judgeSessions(
  counter: CounterHistory,
  { events }: History,
  violations: Violations,
): number {
  const sessions = groupBy(counter.steps, ({ call }) => {
    const invoke = events[call];
    return invoke?.type === 'invoke' ? invoke.session : undefined;
  });
  for (const [session, adds] of sessions) {
    if (session === undefined) continue;
    const highest = new HighestBefore(adds);
    for (const add of adds) {
      const before = highest.before(add.call);
      if (before === undefined || before.value <= add.value - add.amount) continue;
      violations.add(
        [
          `In session ${session} the add of ${add.amount}${ofKey(counter.key)} ${violations.span(add)} was answered ${add.value}.`,
          `But the add of ${before.amount} called before it had been answered ${before.value} at ${violations.moment(before.returnedAt)}.`,
        ],
        [before.call, add.call],
      );
    }
  }
  return sessions.size - (sessions.has(undefined) ? 1 : 0);
}
