import type { Operation } from '../client/history.js';
import type { NamedProperty } from '../property.js';

/**
 * Reads and writes are linearizable (Herlihy and Wing, 1990; Raft paper, 8). For a list that only
 * grows this needs no search: its order is the one of the log, an append takes effect where its
 * value stands, and a read where the list has the length that it saw. What remains to check is
 * that this order respects time: whoever asks after an answer was given sees what it saw.
 */
export const linearizable: NamedProperty = {
  name: 'linearizable',
  create(_world, violate) {
    /** The hash of the list's first so many values, as first applied anywhere. */
    const hashes = [0];
    /** What answers have shown so far: at least so many values are there. */
    let shown = 0;
    const shownBefore = new Map<Operation, number>();
    return {
      tookEffect(_member, _index, _value, { values, hash }) {
        if (values.length === hashes.length) hashes.push(hash);
      },
      invoked(operation) {
        shownBefore.set(operation, shown);
      },
      completed(operation) {
        const floor = shownBefore.get(operation) ?? 0;
        shownBefore.delete(operation);
        if (operation.result === undefined) return;
        const { length } = operation.result;
        shown = Math.max(shown, length);
        if (operation.kind === 'append') {
          if (length > floor) return;
          violate(
            `append ${operation.value} took place ${length}, when ${floor} values had been seen`,
          );
        } else if (length < floor) {
          violate(
            `read ${operation.number} saw ${length} values, when ${floor} had been seen before`,
          );
        } else if (hashes[length] !== operation.result.hash) {
          violate(`read ${operation.number} saw ${length} values that never were the list`);
        }
      },
    };
  },
};
