import { operationsOf } from '../../histories/operations.js';
import type { Checker } from '../checker.js';
import { HighestBefore } from '../highest-before.js';
import { groupBy } from '../linearizability/group-by.js';
import { linearTimeChecker, ofKey, type Violations } from '../violations.js';
import { lockCalls } from './lock-calls.js';
import { type Grant, LockHistory } from './lock-history.js';

/**
 * Judges locks with fencing tokens.
 *
 * Proves: at no moment two grants were in force for certain, that is between the grant's answer and the
 * call that gives it back, or the end of its lease counted from when it was asked for; tokens grow from
 * grant to grant, and none is given twice; a grant without a lease ends only by its release; no write
 * is accepted that was called after one with a later token was accepted.
 *
 * Cannot see: two holders of whom one was not answered yet, or had begun to give the lock back; a lock or a
 * write that was refused without reason; a lease that ended too late.
 */
export const lockChecker: Checker = linearTimeChecker(
  'lock',
  'a lock has one holder at a time, its tokens only grow, and who lost it changes nothing any more',
  (history, violations) => {
    const figures = { grants: 0, writes: 0, refusedWrites: 0 };
    const operations = operationsOf(history, lockCalls);
    for (const [name, of] of groupBy(operations, ({ input }) => input.lock)) {
      const lock = new LockHistory(name, of, history);
      figures.grants += lock.grants.length;
      figures.writes += lock.writes.length;
      figures.refusedWrites += lock.refusedWrites;
      judgeHolders(lock, violations);
      judgeTokens(lock, violations);
      judgeReleases(lock, violations);
      judgeWrites(lock, violations);
    }
    return figures;
  },
);

function judgeHolders({ name, grants }: LockHistory, violations: Violations): void {
  let holder: Grant | undefined;
  for (const grant of grants) {
    // Its lease was over before anybody knew of it.
    if (grant.heldUntil <= grant.returnedAt) continue;
    if (holder !== undefined && grant.returnedAt < holder.heldUntil) {
      violations.add(
        [
          `The lock${ofKey(name)} was granted with token ${holder.value} to the call ${violations.span(holder)}, and with token ${grant.value} to the call ${violations.span(grant)}.`,
          `The first had not been given back by then${holder.hasLease ? ', and its lease had not ended' : ''}: both held it.`,
        ],
        [holder.call, grant.call],
      );
    }
    if (holder === undefined || grant.heldUntil > holder.heldUntil) holder = grant;
  }
}

function judgeTokens({ name, grants }: LockHistory, violations: Violations): void {
  const highest = new HighestBefore(grants);
  const first = new Map<number, Grant>();
  for (const grant of grants) {
    const same = first.get(grant.value);
    const before = same ?? highest.before(grant.call);
    if (same === undefined) first.set(grant.value, grant);
    if (before === undefined || before.value < grant.value) continue;
    const how = same === undefined ? 'runs back' : 'is given twice';
    violations.add(
      [
        `A token of the lock${ofKey(name)} ${how}: ${before.value} was granted to the call ${violations.span(before)}, and ${grant.value} to the one ${violations.span(grant)}.`,
      ],
      [before.call, grant.call],
    );
  }
}

/** Nobody but its holder ends a grant that has no lease. */
function judgeReleases({ name, grants, releases }: LockHistory, violations: Violations): void {
  for (const grant of grants) {
    const [first, second] = releases.get(grant.value) ?? [];
    if (grant.hasLease || first === undefined || first.wasHeld !== false) continue;
    if (first.call < grant.returnedAt) continue;
    if (second !== undefined && second.call < first.returnedAt) continue;
    violations.add(
      [
        `The lock${ofKey(name)} was granted with token ${grant.value} to the call ${violations.span(grant)}, without a lease.`,
        `The first call to give it back, ${violations.span(first)}, was answered that it was not held: it was lost.`,
      ],
      [grant.call, first.call],
    );
  }
}

function judgeWrites({ name, writes }: LockHistory, violations: Violations): void {
  const highest = new HighestBefore(writes);
  for (const write of writes) {
    const before = highest.before(write.call);
    if (before === undefined || before.value <= write.value) continue;
    violations.add(
      [
        `Under the lock${ofKey(name)} a write with token ${write.value} ${violations.span(write)} was accepted.`,
        `But a write with the later token ${before.value} had been accepted at ${violations.moment(before.returnedAt)}: its holder had lost the lock.`,
      ],
      [before.call, write.call],
    );
  }
}
