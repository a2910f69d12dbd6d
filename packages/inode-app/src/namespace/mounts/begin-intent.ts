import { type AppliedResult, begun } from '../operations/result.js';
import { type ByteString, NO_BYTES, sliceBytes } from '../tree/byte-string.js';
import { type EdgeKey, edgeKey, ROOT_EDGE } from '../tree/edge.js';
import { type Failure, failure, isFailure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { isBelow, pathFault, pathNames } from '../tree/path.js';
import { rootOf } from '../tree/path-walk.js';
import type { HeldEdges, IntendedChange } from './intent.js';

/** What an operation asks for, where it may lie in mounts. */
export interface MountedOperation {
  readonly paths: readonly ByteString[];
  /** Undefined: no storage can do that. */
  readonly change: IntendedChange | undefined;
  /** It is the only one of its command. */
  readonly alone: boolean;
}

/**
 * Begins an operation that has to happen in a storage too: its result names the intent. Nothing else changes. Undefined
 * for one that has nothing to do with mounts.
 */
export function beginThroughMount(
  store: InodeStore,
  operation: MountedOperation,
): AppliedResult | undefined {
  const { mounts } = store;
  const { paths, change, alone } = operation;
  const [path] = paths;
  if (path === undefined || mounts.isEmpty) return undefined;
  const mount = mounts.of(path);
  const elsewhere = paths.find((each) => mounts.of(each) !== mount);
  const point = change && mountMoved(store, change);
  if (mount === undefined && elsewhere === undefined) return point;
  for (const each of paths) {
    const fault = pathFault(each);
    if (fault !== undefined) return failure(fault, each);
  }
  if (change === undefined) return failure('MOUNT_UNSUPPORTED', path);
  if (point !== undefined) return point;
  if (mount === undefined || elsewhere !== undefined) {
    return failure('MOUNTS_CROSSED', elsewhere ?? path);
  }
  if (!alone) return failure('MOUNT_ALONE', path);
  if (mount.readOnly) return failure('MOUNT_READ_ONLY', path);
  const held = INTENDED[change.kind](store, change);
  if (isResult(held)) return held;
  const locked = held.writes.some((edge) => mounts.holds(edge));
  if (locked || held.reads.some((edge) => mounts.holdsWrite(edge))) return failure('LOCKED', path);
  if (mounts.isFull(mount.id)) return failure('MOUNT_BUSY', path);
  if (store.idsLeft <= pathNames(path).length) return failure('IDS_EXHAUSTED', path);
  const id = store.takeId();
  mounts.begin({ ...change, ...held, id, mount: mount.id, epoch: mounts.epoch, moved: false });
  return begun(id);
}

type Held = HeldEdges | Failure | number;

function isResult(held: Held): held is Failure | number {
  return typeof held === 'number' || isFailure(held);
}

/** A mount's own directory, and what leads to one, stays where it is. */
function mountMoved({ mounts }: InodeStore, { kind, path }: IntendedChange): Failure | undefined {
  if (kind !== 'delete' && kind !== 'rename') return undefined;
  const point = mounts.at(path) ?? mounts.below(path);
  return point === undefined ? undefined : failure('MOUNT_POINT', point.path);
}

/** Whether each kind can be carried out, as far as the tree knows, and what it holds meanwhile. */
const INTENDED: {
  readonly [Kind in IntendedChange['kind']]: (store: InodeStore, change: IntendedChange) => Held;
} = {
  mkdir(store, { path, deep }) {
    const way = wayTo(store, path);
    if (isFailure(way)) return way;
    const { missing, inode } = way;
    if (missing === 0 && deep && inode?.type === InodeType.Directory) return inode.id;
    if (missing === 0) return failure('ALREADY_EXISTS', path);
    if (missing > 1 && !deep) return failure('NOT_FOUND', way.firstMissing);
    return { writes: [way.last], reads: way.above };
  },
  create(store, { path }) {
    const way = wayTo(store, path);
    if (isFailure(way)) return way;
    if (way.missing === 0) return failure('ALREADY_EXISTS', path);
    if (way.missing > 1) return failure('NOT_FOUND', way.firstMissing);
    return { writes: [way.last], reads: way.above };
  },
  complete(store, { path, size, fingerprint }) {
    const way = existing(store, path);
    if (isFailure(way)) return way;
    const { inode } = way;
    if (inode.type !== InodeType.File || inode.mounted === undefined) {
      return failure('IS_A_DIRECTORY', path);
    }
    if (!inode.mounted.complete) return { writes: [way.last], reads: way.above };
    const isSame = fingerprint === NO_BYTES || inode.mounted.fingerprint === fingerprint;
    return isSame && inode.size === size ? inode.id : failure('CONTENT_DIFFERS', path);
  },
  delete(store, { path, deep }) {
    const way = existing(store, path);
    if (isFailure(way)) return way;
    if (way.inode.children > 0 && !deep) return failure('DIRECTORY_NOT_EMPTY', path);
    return { writes: [way.last], reads: way.above };
  },
  rename(store, { path, destination }) {
    const from = existing(store, path);
    if (isFailure(from)) return from;
    const { inode } = from;
    if (inode.type === InodeType.Directory && isBelow(destination, path)) {
      return failure('RENAME_BELOW_ITSELF', destination);
    }
    const to = wayTo(store, destination);
    if (isFailure(to)) return to;
    if (to.last === from.last) return inode.id;
    if (to.missing === 0) return failure('ALREADY_EXISTS', destination);
    if (to.missing > 1) return failure('NOT_FOUND', to.firstMissing);
    if (inode.type === InodeType.File && inode.mounted?.complete !== true) {
      return failure('FILE_INCOMPLETE', path);
    }
    return { writes: [from.last, to.last], reads: [...new Set([...from.above, ...to.above])] };
  },
};

/** How far a path leads. */
interface Way {
  /** The last edge that is there, or where the first one is missing. */
  readonly last: EdgeKey;
  /** Those above it, without the root's. */
  readonly above: readonly EdgeKey[];
  /** What is at `last`. */
  readonly inode: InodeRecord | undefined;
  /** Names of the path that nothing is at; 0 when it leads to an inode. */
  readonly missing: number;
  readonly firstMissing: ByteString;
}

/** Fails with NOT_A_DIRECTORY where something else is on the way. */
function wayTo(store: InodeStore, path: ByteString): Way | Failure {
  let inode: InodeRecord | undefined = rootOf(store);
  let last: EdgeKey = ROOT_EDGE;
  const above: EdgeKey[] = [];
  for (let start = 1; start < path.length; ) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    if (inode.type !== InodeType.Directory) {
      return failure('NOT_A_DIRECTORY', sliceBytes(path, 0, start - 1));
    }
    if (last !== ROOT_EDGE) above.push(last);
    last = edgeKey(inode.id, sliceBytes(path, start, end));
    inode = store.get(last);
    if (inode === undefined) {
      const missing = pathNames(sliceBytes(path, start - 1)).length;
      return { last, above, inode, missing, firstMissing: sliceBytes(path, 0, end) };
    }
    start = end + 1;
  }
  return { last, above, inode, missing: 0, firstMissing: path };
}

function existing(store: InodeStore, path: ByteString) {
  const way = wayTo(store, path);
  if (isFailure(way)) return way;
  const { inode } = way;
  return inode === undefined ? failure('NOT_FOUND', way.firstMissing) : { ...way, inode };
}
