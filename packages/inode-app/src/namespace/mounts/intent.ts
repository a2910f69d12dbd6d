import { MAX_INODE_ID } from '../limits.js';
import { type ByteString, NO_BYTES } from '../tree/byte-string.js';
import type { EdgeKey } from '../tree/edge.js';
import { WireError, wireArray, wireBoolean, wireBytes, wireInteger } from '../wire-fields.js';

/** Changes that happen in a storage too. Their places are numbers on disk. */
const KINDS = ['mkdir', 'create', 'complete', 'delete', 'rename'] as const;
export type IntentKind = (typeof KINDS)[number];

/** What is to be changed in a storage and in the tree. */
export interface IntendedChange {
  readonly kind: IntentKind;
  readonly path: ByteString;
  /** Where a rename leads; empty for others. */
  readonly destination: ByteString;
  /** mkdir: missing parents too. delete: all that is below, too. */
  readonly deep: boolean;
  /** complete: what the content has to be. */
  readonly size: number;
  readonly fingerprint: ByteString;
}

export const NO_CHANGE: Omit<IntendedChange, 'kind' | 'path'> = {
  destination: NO_BYTES,
  deep: false,
  size: 0,
  fingerprint: NO_BYTES,
};

/** The edges on which an operation holds others off. */
export interface HeldEdges {
  /** Nobody else may pass there. */
  readonly writes: readonly EdgeKey[];
  /** They stay where they are. */
  readonly reads: readonly EdgeKey[];
}

/**
 * A change that was begun and is not over: it is carried out in the storage, then finished in the tree or given up, by
 * whoever leads. Nothing of it is seen in the tree before.
 */
export interface Intent extends IntendedChange, HeldEdges {
  /** Given once, from the same numbers as inodes' ids. */
  readonly id: number;
  readonly mount: number;
  /** Of the leader under which it was begun. */
  readonly epoch: number;
  /** A rename by copying: the copies are there, the tree has moved, and the originals are being removed. */
  readonly moved: boolean;
}

/** The form that rows have. */
export function encodeIntent(intent: Intent) {
  const { id, mount, epoch, moved, kind, path, destination, deep, size, fingerprint } = intent;
  const number = KINDS.indexOf(kind);
  const { writes, reads } = intent;
  return [
    id,
    mount,
    epoch,
    moved,
    number,
    path,
    destination,
    deep,
    size,
    fingerprint,
    writes,
    reads,
  ] as const;
}

/** Throws WireError for anything else. */
export function parseIntent(value: unknown): Intent {
  const fields = wireArray(value, 12, 12, 'an intent');
  const kind = KINDS[wireInteger(fields[4], 0, KINDS.length - 1, 'kind')];
  if (kind === undefined) throw new WireError('an intent of unknown kind');
  return {
    id: wireInteger(fields[0], 1, MAX_INODE_ID, 'id'),
    mount: wireInteger(fields[1], 1, MAX_INODE_ID, 'mount'),
    epoch: wireInteger(fields[2], 0, MAX_INODE_ID, 'epoch'),
    moved: wireBoolean(fields[3], 'moved'),
    kind,
    path: wireBytes(fields[5], 'path'),
    destination: wireBytes(fields[6], 'destination'),
    deep: wireBoolean(fields[7], 'deep'),
    size: wireInteger(fields[8], 0, Number.MAX_SAFE_INTEGER, 'size'),
    fingerprint: wireBytes(fields[9], 'fingerprint'),
    writes: parseEdges(fields[10]),
    reads: parseEdges(fields[11]),
  };
}

/** Throws WireError for anything else than edges. */
export function parseEdges(value: unknown): readonly EdgeKey[] {
  const edges = wireArray(value, 0, Number.MAX_SAFE_INTEGER, 'edges');
  return edges.map((edge) => wireBytes(edge, 'an edge') as string as EdgeKey);
}
