import type { ByteString } from '../tree/byte-string.js';
import { wireArray, wireBytes, wireNumber, wireText } from '../wire-fields.js';
import { defineQuery } from './query.js';

/** Whoever holds edges of the tree, or waits for some. */
export interface LockReport {
  /** What it does: `rename`, `sync`. */
  readonly kind: string;
  readonly path: ByteString;
  readonly state: string;
  /** Milliseconds for which it is held, or has waited. */
  readonly forMs: number;
  /** Edges that nobody else may use. */
  readonly write: readonly ByteString[];
  /** What has to end first, in words. */
  readonly waitingFor: string | undefined;
}

export function encodeLock({ kind, path, state, forMs, write, waitingFor }: LockReport) {
  return [kind, path, state, forMs, write, waitingFor ?? null] as const;
}

/** Who holds locks and who waits for them, on the leader. */
export const listLocks = defineQuery(
  'locks',
  5,
  {},
  {
    paths: () => [],
    /** Nobody here locks anything: who does answers it before it comes here. */
    answer: (): [readonly ReturnType<typeof encodeLock>[]] => [[]],
    parseAnswer(_query, answer): { readonly locks: readonly LockReport[] } {
      const [locks] = wireArray(answer, 1, 1, 'an answer to locks');
      return { locks: wireArray(locks, 0, Number.MAX_SAFE_INTEGER, 'locks').map(parseLock) };
    },
  },
);

function parseLock(value: unknown): LockReport {
  const [kind, path, state, forMs, write, waitingFor] = wireArray(value, 6, 6, 'a lock');
  return {
    kind: wireText(kind, 'kind'),
    path: wireBytes(path, 'path'),
    state: wireText(state, 'state'),
    forMs: wireNumber(forMs, 'forMs'),
    write: wireArray(write, 0, Number.MAX_SAFE_INTEGER, 'write').map((each) =>
      wireBytes(each, 'an edge'),
    ),
    waitingFor: waitingFor === null ? undefined : wireText(waitingFor, 'waitingFor'),
  };
}
