import type { Deadline, Prepared } from '@raft-ts/statemachine';
import { MAX_SYNC_CHANGES } from '../namespace/limits.js';
import type { IntendedChange } from '../namespace/mounts/intent.js';
import type { Mount } from '../namespace/mounts/mount.js';
import {
  type NamespaceCommand,
  type Operation,
  type OperationOf,
  operationChange,
  operationPaths,
} from '../namespace/operations/operation-table.js';
import { type ByteString, NO_BYTES, textFromByteString } from '../namespace/tree/byte-string.js';
import { type Failure, failure } from '../namespace/tree/failure.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { parentPath, pathFault, ROOT_PATH } from '../namespace/tree/path.js';
import { Place, rootOf, walkPath } from '../namespace/tree/path-walk.js';
import { StorageError } from '../storages/storage-error.js';
import { EdgeLockError } from './edge-lock-error.js';
import type { EdgeLock } from './edge-locks.js';
import { ANSWER_MARGIN_MS, type Freshening } from './freshening.js';
import type { Lead } from './lead.js';
import { LookRefused } from './look-parts.js';
import { pathInStorage, storageFailure } from './storage-terms.js';

/** Steps of unmounting the root that one command takes: 100,000 entries. */
const MAX_STEPS_AT_ONCE = 100;

/** Prepares commands that have a part in storages: takes their locks, and looks whether what they build on is so. */
export class Commands {
  readonly #lead: Lead;
  readonly #freshening: Freshening;

  constructor(lead: Lead, freshening: Freshening) {
    this.#lead = lead;
    this.#freshening = freshening;
  }

  prepare(command: NamespaceCommand, until: Deadline): Promise<Prepared> | undefined {
    const [operation] = command;
    if (operation === undefined || command.length > 1) return undefined;
    switch (operation.kind) {
      case 'mount':
        return this.#answering(operation.path, until, () => this.#prepareMount(operation, until));
      case 'unmount':
        if (operation.force && operation.path !== ROOT_PATH) return undefined;
        return this.#answering(operation.path, until, () => this.#prepareUnmount(operation, until));
      case 'updateMount':
        return this.#prepareUpdate(operation);
      default:
        return this.#prepareChange(operation, until);
    }
  }

  #prepareChange(operation: Operation, until: Deadline): Promise<Prepared> | undefined {
    const { mounts } = this.#lead.tree();
    if (mounts.isEmpty) return undefined;
    const change = operationChange(operation);
    if (change === undefined) return undefined;
    const paths = operationPaths(operation);
    const mount = mounts.of(change.path);
    // What can't be in any case is refused where it is applied.
    if (mount === undefined || mount.readOnly || paths.includes(mount.path)) return undefined;
    if (paths.some((each) => pathFault(each) !== undefined || mounts.of(each) !== mount)) {
      return undefined;
    }
    return this.#answering(change.path, until, () => this.#hold(change, paths, mount, until));
  }

  async #hold(
    change: IntendedChange,
    paths: readonly ByteString[],
    mount: Mount,
    until: Deadline,
  ): Promise<Prepared> {
    await this.#lead.epoch();
    const lock = await this.#lock(change.kind, change.path, paths, until);
    try {
      const refusal =
        (await this.#nameRefusal(change, mount, until)) ??
        (await this.#staleRefusal(change, paths, mount, until));
      if (refusal !== undefined) {
        lock.release();
        return { answer: [refusal] };
      }
    } catch (error) {
      lock.release();
      throw error;
    }
    const deadlineMs = until.deadlineMs - ANSWER_MARGIN_MS;
    return { release: this.#lead.intents.prepared(change.path, { lock, deadlineMs }) };
  }

  async #lock(
    kind: string,
    path: ByteString,
    write: readonly ByteString[],
    { deadlineMs, signal }: Deadline,
  ): Promise<EdgeLock> {
    const what = { kind, path };
    const atMs = deadlineMs - ANSWER_MARGIN_MS;
    return await this.#lead.locks.acquire({ what, write, read: [], deadlineMs: atMs, signal });
  }

  /** Whether the storage can hold the name that would come to be. */
  async #nameRefusal(
    { kind, path, destination }: IntendedChange,
    mount: Mount,
    until: Deadline,
  ): Promise<Failure | undefined> {
    if (kind === 'delete' || kind === 'complete') return undefined;
    const name = destination === NO_BYTES ? path : destination;
    const storage = await this.#lead.access(mount).opened(answeredBefore(until));
    const fault = storage.pathFault(pathInStorage(mount, name));
    return fault === undefined ? undefined : failure('NAME_UNSUPPORTED', name, fault);
  }

  /** What the tree would refuse is looked at first; what the storage has to refuse by itself is not. */
  async #staleRefusal(
    change: IntendedChange,
    paths: readonly ByteString[],
    mount: Mount,
    until: Deadline,
  ): Promise<Failure | undefined> {
    const { tree } = this.#lead;
    await tree().prefetch(paths, until.signal);
    for (const path of paths) {
      const place = walkPath(tree(), path);
      const known = place instanceof Place ? (place.inode ?? 'absent') : undefined;
      const refusal = isLookedAtAnyway(change, path, known)
        ? undefined
        : await this.#freshening.freshen(mount, path, until);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async #prepareMount(operation: OperationOf<'mount'>, until: Deadline): Promise<Prepared> {
    const { path, uri, place, options } = operation;
    const text = textFromByteString(uri);
    const named = this.#lead.accesses.parse(text, options);
    if (named.uri !== text || named.place !== textFromByteString(place)) {
      return { answer: [failure('STORAGE_INVALID', path, 'the place is another one')] };
    }
    if (pathFault(path) !== undefined || path === ROOT_PATH) return { release: () => {} };
    const lock = await this.#lock('mount', path, [path], until);
    const outer = this.#lead.tree().mounts.of(parentPath(path));
    const refusal =
      outer === undefined
        ? undefined
        : await this.#freshening.freshen(outer, path, until).catch((error: unknown) => {
            lock.release();
            throw error;
          });
    if (refusal === undefined) return { release: () => lock.release() };
    lock.release();
    return { answer: [refusal] };
  }

  async #prepareUnmount(operation: OperationOf<'unmount'>, until: Deadline): Promise<Prepared> {
    const { path, force } = operation;
    if (pathFault(path) !== undefined) return { release: () => {} };
    const lock = force ? undefined : await this.#lock('unmount', path, [path], until);
    try {
      const refusal = path === ROOT_PATH ? await this.#emptyRoot(operation, until) : undefined;
      if (refusal === undefined) return { release: () => lock?.release() };
      lock?.release();
      return { answer: [refusal] };
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  /**
   * The root can't be cut off. Its client asks for one step after the other, but while this one is locked nobody brings
   * anything in again: so most of them are made here.
   */
  async #emptyRoot(
    operation: OperationOf<'unmount'>,
    { signal }: Deadline,
  ): Promise<Failure | undefined> {
    const { tree } = this.#lead;
    for (let step = 0; step < MAX_STEPS_AT_ONCE; step += 1) {
      if (rootOf(tree()).children <= MAX_SYNC_CHANGES + tree().mounts.size) return undefined;
      signal.throwIfAborted();
      const result = await this.#lead.propose(operation);
      if (typeof result !== 'number' && result[0] !== 'SYNC_UNDER_WAY') return result;
    }
    return undefined;
  }

  #prepareUpdate({ path, options }: OperationOf<'updateMount'>): Promise<Prepared> | undefined {
    const mount = this.#lead.tree().mounts.at(path);
    if (mount === undefined || options === undefined) return undefined;
    const uri = textFromByteString(mount.uri);
    try {
      const named = this.#lead.accesses.parse(uri, options);
      if (named.place === textFromByteString(mount.place)) return undefined;
      const refusal = failure('STORAGE_INVALID', path, 'with these options it is another place');
      return Promise.resolve({ answer: [refusal] });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return Promise.resolve({ answer: [storageFailure(error, path)] });
    }
  }

  /** What storages and locks refuse is an answer in the tree's terms. */
  async #answering(
    path: ByteString,
    { signal }: Deadline,
    prepare: () => Promise<Prepared>,
  ): Promise<Prepared> {
    const { signal: leading } = this.#lead;
    try {
      const prepared = await prepare();
      // What came of a storage that was closed with the lead is no answer: the next leader has one.
      if ('answer' in prepared) leading.throwIfAborted();
      return prepared;
    } catch (error) {
      signal.throwIfAborted();
      leading.throwIfAborted();
      if (error instanceof StorageError) return { answer: [storageFailure(error, path)] };
      if (error instanceof EdgeLockError) {
        return { answer: [failure('LOCKED', path, error.message)] };
      }
      if (error instanceof LookRefused) return { answer: [error.failure] };
      throw error;
    }
  }
}

/**
 * Whether carrying it out begins with a look at the path, and the tree does not refuse it before: where there is to be
 * something and is, or is to come to be something where nothing is, in a directory that exists.
 */
function isLookedAtAnyway(
  { kind, destination }: IntendedChange,
  path: ByteString,
  known: InodeRecord | 'absent' | undefined,
): boolean {
  if (kind === 'mkdir' || known === undefined) return false;
  const comesToBe = kind === 'create' || path === destination;
  return comesToBe === (known === 'absent');
}

/** In time for an answer. */
export function answeredBefore({ deadlineMs, signal }: Deadline) {
  return { deadlineMs: deadlineMs - ANSWER_MARGIN_MS, signal };
}
