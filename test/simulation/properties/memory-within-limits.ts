import type { MemberId } from 'raft-ts';
import { ENTRY_OVERHEAD_BYTES, entryBytes } from 'raft-ts/core';
import { raftOptionsOf } from '../options.js';
import type { NamedProperty, World } from '../property.js';

/**
 * Memory within limits: what a leader has proposed and not committed or applied, what is on its way
 * to a member, the newest entries kept in memory and the reads that wait stay below the limits of
 * RaftOptions (Raft thesis, 10.2.1: batches and pipelines are bounded).
 */
export const memoryWithinLimits: NamedProperty = {
  name: 'memory-within-limits',
  create(world, violate) {
    const known = new Map<MemberId, ReturnType<typeof limitsOf>>();
    return {
      turned(member, now) {
        const limits = known.get(member) ?? limitsOf(world, member);
        known.set(member, limits);
        const exceeded = (what: string, is: number, limit: number) => {
          if (is > limit) violate(`member ${member} has ${is} ${what}, above ${limit}`);
        };
        exceeded('bytes uncommitted', now.uncommittedBytes, limits.uncommittedBytes);
        exceeded('bytes unapplied', now.unappliedBytes, limits.unappliedBytes);
        exceeded('reads that wait', now.pendingReads, limits.pendingReads);
        // What was appended in this very turn is handed over with the next.
        const handedOver = now.lastIndex === world.member(member).disk.log.lastIndex;
        if (handedOver && now.windowBytes > limits.windowBytes) {
          const needed = undurableBytes(world, member, now.durable);
          exceeded('bytes of entries in memory', now.windowBytes, limits.windowBytes + needed);
        }
        for (const { id, inflight } of now.progress) {
          exceeded(`appends under way to ${id}`, inflight, limits.inflightAppends);
        }
        if (now.progress.some(({ inflightFull }) => inflightFull)) {
          world.coverage.count('window full');
        }
      },
    };
  },
};

/** One proposal is taken in when none waits, and the empty entry and changes of membership always. */
function limitsOf(world: World, member: MemberId) {
  const raft = raftOptionsOf(world.options, member);
  const { maxEntryBytes = 0, maxUncommittedBytes = 0, maxUnappliedBytes = 0 } = raft;
  const beyond = maxEntryBytes + 4 * ENTRY_OVERHEAD_BYTES;
  return {
    uncommittedBytes: maxUncommittedBytes + beyond,
    unappliedBytes: maxUnappliedBytes + beyond,
    pendingReads: raft.maxPendingReads ?? 0,
    windowBytes: raft.logWindowBytes ?? 0,
    inflightAppends: raft.maxInflightAppends ?? 0,
  };
}

/** Entries that are not durable stay in memory in any case. */
function undurableBytes(world: World, member: MemberId, durable: number): number {
  const { log } = world.member(member).disk;
  let bytes = 0;
  for (let index = durable + 1; index <= log.lastIndex; index++) {
    const entry = log.entry(index);
    if (entry !== undefined) bytes += entryBytes(entry);
  }
  return bytes;
}
