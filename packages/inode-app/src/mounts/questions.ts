import type { Clock, WireValue } from '@raft-ts/net';
import type { Deadline } from '@raft-ts/statemachine';
import { displayBytes } from '../display-names.js';
import { encodeLock } from '../namespace/queries/list-locks.js';
import { encodeLocation } from '../namespace/queries/locate-content.js';
import type { NamespaceQuery, QueryOf } from '../namespace/queries/query-table.js';
import { encodeProgress } from '../namespace/queries/sync-path.js';
import {
  type ByteString,
  byteStringFromText,
  NO_BYTES,
  textFromByteString,
} from '../namespace/tree/byte-string.js';
import { type Failure, failure, isFailure } from '../namespace/tree/failure.js';
import { InodeType } from '../namespace/tree/inode.js';
import { ROOT_PATH } from '../namespace/tree/path.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import { StorageError } from '../storages/storage-error.js';
import { answeredBefore } from './commands.js';
import { EdgeLockError } from './edge-lock-error.js';
import { ANSWER_MARGIN_MS, type Freshening } from './freshening.js';
import type { Lead } from './lead.js';
import { LookRefused } from './look-parts.js';
import { pathInStorage, storageFailure } from './storage-terms.js';
import type { SyncJob } from './sync-jobs.js';
import { endsBefore } from './waiting.js';

/** How long one answer about a look is waited for, milliseconds. */
const MAX_SYNC_WAIT_MS = 1_000;
/** Questions about one mount that wait at once; further ones are refused. */
const MAX_WAITING = 2_048;

/** Answers questions that have a part in storages, as the leader. */
export class Questions {
  readonly #lead: Lead;
  readonly #freshening: Freshening;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, number>();

  constructor(lead: Lead, freshening: Freshening, clock: Clock) {
    this.#lead = lead;
    this.#freshening = freshening;
    this.#clock = clock;
  }

  /** See `OutsideWork.ready`. */
  ready(query: NamespaceQuery, until: Deadline): Promise<WireValue> | undefined {
    switch (query.kind) {
      case 'getStatusById':
      case 'mounts':
        return undefined;
      case 'locks':
        return Promise.resolve([this.#locks()]);
      case 'namedPlace':
        return this.#answering(ROOT_PATH, until, () => this.#namedPlace(query, until));
      case 'location':
        return this.#counted(query.path, until, () => this.#location(query, until));
      case 'sync':
        return this.#counted(query.path, until, () => this.#sync(query, until));
      default:
        return this.#freshen(query, until);
    }
  }

  #freshen(query: QueryOf<'getStatus' | 'list'>, until: Deadline) {
    const { mounts } = this.#lead.tree();
    const mount = mounts.isEmpty ? undefined : mounts.of(query.path);
    if (mount === undefined) return undefined;
    const wait = this.#freshening.ready(query, mount, until);
    return wait && this.#counted(query.path, until, wait);
  }

  /** So many wait for one mount, and no more: others are not held up by it. */
  async #counted(
    path: ByteString,
    until: Deadline,
    answer: () => Promise<WireValue>,
  ): Promise<WireValue> {
    const id = this.#lead.tree().mounts.of(path)?.id ?? 0;
    const waiting = this.#waiting.get(id) ?? 0;
    if (waiting >= MAX_WAITING) {
      return failure('MOUNT_BUSY', path, `${waiting} questions about it wait already`);
    }
    this.#waiting.set(id, waiting + 1);
    try {
      return await this.#answering(path, until, answer);
    } finally {
      const left = (this.#waiting.get(id) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(id);
      else this.#waiting.set(id, left);
    }
  }

  async #answering(
    path: ByteString,
    { signal }: Deadline,
    answer: () => Promise<WireValue>,
  ): Promise<WireValue> {
    const { signal: leading } = this.#lead;
    try {
      const answered = await answer();
      // What came of a storage that was closed with the lead is no answer: the next leader has one.
      leading.throwIfAborted();
      return answered;
    } catch (error) {
      signal.throwIfAborted();
      leading.throwIfAborted();
      if (error instanceof StorageError) return storageFailure(error, path);
      if (error instanceof LookRefused) return error.failure;
      if (error instanceof EdgeLockError) return failure('LOCKED', path, error.message);
      throw error;
    }
  }

  #locks(): WireValue {
    return this.#lead.locks.list().map((lock) =>
      encodeLock({
        ...lock.what,
        state: lock.state,
        forMs: lock.forMs,
        write: lock.write,
        waitingFor:
          lock.waitingFor && `${lock.waitingFor.kind} ${displayBytes(lock.waitingFor.path)}`,
      }),
    );
  }

  async #namedPlace(query: QueryOf<'namedPlace'>, until: Deadline): Promise<WireValue> {
    const uri = textFromByteString(query.uri);
    const named = this.#lead.accesses.parse(uri, query.options);
    const [own, place] = [byteStringFromText(named.uri), byteStringFromText(named.place)];
    if (own === undefined || place === undefined) throw new StorageError('INVALID', 'no URI');
    const access = this.#lead.accesses.open({ ...query, uri: own });
    const found = await access
      .read((storage, signal) => storage.stat('', signal), answeredBefore(until))
      .catch((error: unknown) => placeFault(error))
      // Whether it can be closed well is not what was asked.
      .finally(() => access.close().catch(() => {}));
    const what = typeof found === 'string' ? found : 'it is no directory';
    if (typeof found === 'object' && found.type === 'directory') return [[own, place]];
    return failure('STORAGE_INVALID', ROOT_PATH, `${named.uri}: ${what}`);
  }

  async #location(query: QueryOf<'location'>, until: Deadline): Promise<WireValue> {
    const { path, purpose } = query;
    const mount = this.#lead.tree().mounts.of(path);
    if (mount === undefined) return failure('NOT_MOUNTED', path);
    const refusal = await this.#freshening.freshen(mount, path, until);
    if (refusal !== undefined) return refusal;
    const place = walkPath(this.#lead.tree(), path);
    if (!(place instanceof Place)) return place;
    const { inode } = place;
    if (inode === undefined) return failure('NOT_FOUND', path);
    if (inode.type !== InodeType.File) return failure('IS_A_DIRECTORY', path);
    const complete = inode.mounted?.complete === true;
    if (purpose === 'write' && complete) return failure('ALREADY_EXISTS', path);
    if (purpose === 'read' && !complete) return failure('FILE_INCOMPLETE', path);
    if (purpose === 'write' && mount.readOnly) return failure('MOUNT_READ_ONLY', path);
    const found = await this.#lead
      .access(mount)
      .read(
        (storage, signal) => storage.location(pathInStorage(mount, path), purpose, signal),
        answeredBefore(until),
      );
    const { kind, method, validMs } = found;
    const location = byteStringFromText(found.location);
    if (location === undefined) return failure('NAME_UNSUPPORTED', path);
    const { size, mounted } = inode;
    const fingerprint = mounted?.fingerprint ?? NO_BYTES;
    return [encodeLocation({ kind, location, method, validMs, size, fingerprint })];
  }

  async #sync(query: QueryOf<'sync'>, until: Deadline): Promise<WireValue> {
    const { path } = query;
    const mount = this.#lead.tree().mounts.of(path);
    if (mount === undefined) return failure('NOT_MOUNTED', path);
    const job = await this.#job(query, until);
    if (job === undefined) return failure('MOUNT_BUSY', path, 'too many looks are under way');
    if (isFailure(job)) return job;
    const waitMs = this.#clock.monotonicMs() + MAX_SYNC_WAIT_MS;
    await endsBefore(this.#clock, Math.min(until.deadlineMs - ANSWER_MARGIN_MS, waitMs), job.ended);
    if (job.error !== undefined) throw job.error;
    return [encodeProgress(job.progress)];
  }

  async #job(
    { path, recursive, job: number }: QueryOf<'sync'>,
    until: Deadline,
  ): Promise<SyncJob | Failure | undefined> {
    const { tree, looks, jobs } = this.#lead;
    const known = number === undefined ? undefined : jobs.get(number, path, recursive);
    if (known !== undefined) return known;
    const mount = tree().mounts.of(path);
    if (mount === undefined) return failure('NOT_MOUNTED', path);
    const looking = looks.lookUpAnew(mount, path, until.signal);
    const lateMs = until.deadlineMs - ANSWER_MARGIN_MS;
    if (!(await endsBefore(this.#clock, lateMs, looking))) {
      return failure('STORAGE_UNREACHABLE', path, 'it has not answered yet');
    }
    const place = walkPath(tree(), path);
    if (!(place instanceof Place)) return place;
    if (place.inode === undefined) return failure('NOT_FOUND', path);
    if (place.inode.type === InodeType.Directory) return jobs.begin(mount, path, recursive);
    return jobs.ended(mount, path);
  }
}

/** What is wrong with a place, in words. Throws what is wrong with something else. */
function placeFault(error: unknown): string {
  if (error instanceof StorageError && error.code === 'NOT_FOUND') return error.message;
  throw error;
}
