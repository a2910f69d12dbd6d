import { displayBytes } from '../display-names.js';
import type { ByteString } from '../namespace/tree/byte-string.js';

/** What an operation that takes locks is. */
export interface LockedOperation {
  /** As people call it: delete, rename, sync. */
  readonly kind: string;
  /** What it is about. */
  readonly path: ByteString;
}

/** Why an operation did not get its locks. In each case it holds none, and nothing was begun. */
export type EdgeLockErrorCode =
  /** Its deadline came first: try again later. */
  | 'LOCKED'
  /** Its signal was aborted; `cause` is the signal's reason. */
  | 'ABORTED'
  /** As many wait already as may: try again later. */
  | 'TOO_MANY_WAITING';

/** Who is in the way of an operation. */
export interface InTheWay {
  /** The edge at which the operation waits. */
  readonly edge: ByteString;
  /** Holds its locks, and all wait for it that stand between. */
  readonly holder: LockedOperation;
  /** Milliseconds for which it has held them. */
  readonly heldMs: number;
  /** How many others wait at that edge before the operation. */
  readonly waitingBefore: number;
}

export class EdgeLockError extends Error {
  override readonly name = 'EdgeLockError';
  readonly code: EdgeLockErrorCode;
  /** Undefined where nobody was asked: the signal was aborted from the beginning. */
  readonly inTheWay: InTheWay | undefined;

  constructor(
    code: EdgeLockErrorCode,
    operation: LockedOperation,
    inTheWay: InTheWay | undefined,
    options: { readonly cause?: unknown } = {},
  ) {
    const way = inTheWay === undefined ? '' : `: ${inTheWayText(inTheWay)}`;
    super(`${shownOperation(operation)} ${REASONS[code]}${way}`, options);
    this.code = code;
    this.inTheWay = inTheWay;
  }
}

const REASONS: Readonly<Record<EdgeLockErrorCode, string>> = {
  LOCKED: 'found its place locked until its deadline, and did nothing; try again later',
  ABORTED: 'was given up while it waited for a lock, and did nothing',
  TOO_MANY_WAITING: 'found its place locked and too many waiting, and did nothing; try again later',
};

function inTheWayText({ edge, holder, heldMs, waitingBefore }: InTheWay): string {
  const others = waitingBefore === 0 ? '' : `, and ${waitingBefore} wait before it`;
  return `${displayBytes(edge)} is kept by the ${shownOperation(holder)}, under way for ${Math.round(heldMs)} ms${others}`;
}

function shownOperation({ kind, path }: LockedOperation): string {
  return `${kind} of ${displayBytes(path)}`;
}
