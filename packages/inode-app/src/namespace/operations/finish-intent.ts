import { internal, WHOLE } from '../message-form.js';
import {
  encodeFound,
  type FoundEntry,
  foundFault,
  inodeOf,
  parseFound,
  withFound,
} from '../mounts/found-entry.js';
import type { Intent } from '../mounts/intent.js';
import { type ByteString, NO_BYTES, sliceBytes } from '../tree/byte-string.js';
import { type Failure, failure, parseFailure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import type { InodeStore } from '../tree/inode-store.js';
import { pathNames } from '../tree/path.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { wireArray } from '../wire-fields.js';
import { addInode } from './add-entry.js';
import { deleteInode } from './delete.js';
import { defineOperation } from './operation.js';
import { rename } from './rename.js';
import type { OperationResult } from './result.js';

const FIELDS = {
  intent: WHOLE,
  epoch: WHOLE,
  /** What is in the storage now: of mkdir each directory that was made, of complete the file. */
  found: internal<readonly FoundEntry[]>(
    (wire, what) => wireArray(wire, 0, Number.MAX_SAFE_INTEGER, what).map(parseFound),
    (found) => found.map(encodeFound),
  ),
  /** Why nothing was changed in the storage; null: it was. */
  refusal: internal<Failure | undefined>(
    (wire) => (wire === null ? undefined : parseFailure(wire)),
    (refusal) => refusal ?? null,
  ),
};

/**
 * Ends an intent: what happened in the storage happens in the tree, or neither did. Its outcome, which is remembered.
 * An intent that has ended already is left so.
 */
export const finishIntent = defineOperation('finishIntent', 13, FIELDS, {
  paths: () => [],
  apply(store, { intent: id, epoch, found, refusal }, timeMs) {
    const { mounts } = store;
    const intent = mounts.intents.get(id);
    if (intent === undefined) return mounts.outcomeOf(id) ?? 0;
    if (epoch !== mounts.epoch) return failure('STEP_OVERTAKEN', intent.path);
    const outcome = refusal ?? FINISHED[intent.kind](store, intent, found, timeMs);
    mounts.end(intent, outcome);
    return outcome;
  },
});

/** What each kind does to the tree once the storage has it. Nobody else has changed there what it needs. */
const FINISHED: {
  readonly [Kind in Intent['kind']]: (
    store: InodeStore,
    intent: Intent,
    found: readonly FoundEntry[],
    timeMs: number,
  ) => OperationResult;
} = {
  mkdir(store, { path, mount }, found, timeMs) {
    let result: OperationResult = failure('NOT_FOUND', path);
    for (const [position, each] of found.entries()) {
      const at = pathAbove(path, found.length - 1 - position);
      result = addFound(store, at, each, mount, timeMs);
      if (typeof result !== 'number') return result;
    }
    return result;
  },
  create: (store, { path, mount }, _found, timeMs) =>
    addFound(store, path, NEW_FILE, mount, timeMs),
  complete(store, { path, mount }, [content], timeMs) {
    const place = walkPath(store, path);
    if (!(place instanceof Place)) return place;
    const { inode } = place;
    if (inode?.type !== InodeType.File || content?.type !== InodeType.File) {
      return failure('NOT_FOUND', path);
    }
    if (foundFault(content) !== undefined) return failure('ATTRIBUTE_INVALID', path);
    const { modifiedMs = timeMs } = content;
    store.put(place.edge, withFound(inode, { ...content, modifiedMs }, mount));
    return inode.id;
  },
  delete: (store, { path }, _found, timeMs) =>
    deleteInode.apply(store, { kind: 'delete', path, recursive: true }, timeMs),
  rename: finishRename,
};

function finishRename(
  store: InodeStore,
  { path, destination, moved }: Intent,
  _found: readonly FoundEntry[],
  timeMs: number,
): OperationResult {
  if (!moved) return rename.apply(store, { kind: 'rename', source: path, destination }, timeMs);
  const place = walkPath(store, destination);
  if (!(place instanceof Place)) return place;
  return place.inode?.id ?? failure('NOT_FOUND', destination);
}

/** A file of which nothing is in the storage yet. */
const NEW_FILE: FoundEntry = {
  type: InodeType.File,
  mode: undefined,
  owner: undefined,
  group: undefined,
  size: 0,
  modifiedMs: undefined,
  target: NO_BYTES,
  fingerprint: NO_BYTES,
};

function addFound(
  store: InodeStore,
  path: ByteString,
  found: FoundEntry,
  mount: number,
  timeMs: number,
): OperationResult {
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  if (place.inode !== undefined || place.parent === undefined) {
    return place.inode?.type === InodeType.Directory && found.type === InodeType.Directory
      ? place.inode.id
      : failure('ALREADY_EXISTS', path);
  }
  if (foundFault(found) !== undefined) return failure('ATTRIBUTE_INVALID', path);
  if (store.idsLeft < 1) return failure('IDS_EXHAUSTED', path);
  const inode = inodeOf(store.takeId(), found, mount, timeMs);
  const made = found === NEW_FILE ? incomplete(inode) : inode;
  return addInode(store, place, place.parent, made, timeMs);
}

/** Nobody has said yet that its content was written. */
function incomplete<
  Record extends { readonly mounted: { readonly complete: boolean } | undefined },
>(inode: Record): Record {
  return inode.mounted === undefined
    ? inode
    : { ...inode, mounted: { ...inode.mounted, complete: false } };
}

/** A path without its last `levels` names. */
function pathAbove(path: ByteString, levels: number): ByteString {
  let end = path.length;
  for (let level = 0; level < Math.min(levels, pathNames(path).length - 1); level += 1) {
    end = path.lastIndexOf('/', end - 1);
  }
  return sliceBytes(path, 0, end);
}
