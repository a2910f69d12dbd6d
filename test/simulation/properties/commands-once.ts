import { EntryType, type MemberId } from 'raft-ts';
import { textOf } from '../list-service.js';
import type { NamedProperty } from '../property.js';

/**
 * Commands once: each member applies the log entry by entry, without a gap or a repetition, from
 * where its state stands after a restart (Raft paper, figure 2, lastApplied); no value is there
 * twice, none that nobody proposed, and none of which a client was told that it has failed.
 */
export const commandsOnce: NamedProperty = {
  name: 'commands-once',
  create(world, violate) {
    const lastApplied = new Map<MemberId, number>();
    const indexOf = new Map<string, number>();
    const outcomes = new Map<string, string>();
    return {
      started(member) {
        lastApplied.set(member, world.store(member).appliedIndex);
      },
      applied(member, entry) {
        const expected = (lastApplied.get(member) ?? 0) + 1;
        if (entry.index !== expected) {
          violate(`member ${member} applied ${entry.index} where ${expected} is next`);
        }
        lastApplied.set(member, entry.index);
        if (entry.type !== EntryType.Command) return;
        const value = textOf(entry);
        const index = indexOf.get(value) ?? entry.index;
        if (index !== entry.index) violate(`${value} takes effect at ${index} and ${entry.index}`);
        indexOf.set(value, index);
        const outcome = outcomes.get(value);
        if (outcome === undefined) violate(`${value} takes effect; nobody asked for it`);
        if (outcome === 'failed') violate(`${value} takes effect; its client was told it failed`);
      },
      invoked(operation) {
        if (operation.kind === 'append') outcomes.set(operation.value, 'pending');
      },
      completed(operation) {
        if (operation.kind !== 'append') return;
        outcomes.set(operation.value, operation.outcome);
        if (operation.outcome === 'failed' && indexOf.has(operation.value)) {
          violate(`${operation.value} has taken effect; its client was told it failed`);
        }
      },
      finished() {
        for (const [value, outcome] of outcomes) {
          if (outcome === 'unknown' && indexOf.has(value)) {
            world.coverage.count('write of unknown outcome took effect');
          }
        }
      },
    };
  },
};
