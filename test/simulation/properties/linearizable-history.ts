import {
  appendOnlyList,
  type Operation as CheckedOperation,
  checkLinearizability,
  type ListHash,
  type ListInput,
  type ListOutput,
} from '@raft-ts/jepsen';
import type { Operation } from '../client/history.js';
import { extendHash } from '../member/list-store.js';
import type { NamedProperty } from '../property.js';

/** Far more than a history of a run needs: with fewer it would not be decided. */
const MAX_STEPS = 20_000_000;

/** As the list's store makes it; with the namespace beside it, results go into it too. */
const LIST_HASH: ListHash = { empty: 0, extend: (hash, value) => extendHash(hash, `${value} `) };

type ListOperation = CheckedOperation<ListInput, ListOutput>;

/**
 * The whole history is linearizable: a search finds an order in which every operation takes effect
 * at one moment between its call and its answer (Herlihy and Wing, 1990; Wing and Gong, 1993;
 * Lowe, 2017). It knows nothing of logs and indexes, only what clients saw.
 */
export const linearizableHistory: NamedProperty = {
  name: 'linearizable-history',
  create(world, violate) {
    /** Counts calls and answers: what comes later has a higher one. */
    let moment = 0;
    const calledAt = new Map<Operation, number>();
    const history: ListOperation[] = [];

    function called(operation: Operation, invokedAt: number) {
      const input: ListInput =
        operation.kind === 'append' ? { kind: 'append', value: operation.value } : { kind: 'read' };
      return { process: `${operation.client}/${operation.number}`, input, invokedAt };
    }

    return {
      invoked(operation) {
        calledAt.set(operation, ++moment);
      },
      completed(operation) {
        const invokedAt = calledAt.get(operation) ?? 0;
        calledAt.delete(operation);
        const call = called(operation, invokedAt);
        if (operation.result !== undefined) {
          const output: ListOutput = operation.result;
          history.push({ ...call, outcome: 'done', output, returnedAt: ++moment });
        } else {
          const outcome = operation.outcome === 'failed' ? 'failed' : 'unknown';
          history.push({ ...call, outcome });
        }
      },
      finished() {
        for (const [operation, invokedAt] of calledAt) {
          history.push({ ...called(operation, invokedAt), outcome: 'unknown' });
        }
        const hash = world.options.application === 'namespace' ? undefined : LIST_HASH;
        const result = checkLinearizability(appendOnlyList(hash), history, {
          maxDurationMs: Number.POSITIVE_INFINITY,
          maxSteps: MAX_STEPS,
        });
        if (result.verdict === 'illegal') violate(result.explanation.lines.join('\n'));
        else if (result.verdict === 'unknown') {
          violate(`the history could not be decided: ${result.reason} reached their limit`);
        } else world.coverage.count('operation checked', result.statistics.operations);
      },
    };
  },
};
