import type { Clock } from '@raft-ts/net';
import type { Deadline } from '@raft-ts/statemachine';
import { type Mount, syncIntervalOf } from '../namespace/mounts/mount.js';
import type { NamespaceQuery, QueryOf } from '../namespace/queries/query-table.js';
import { type ByteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { type Failure, failure } from '../namespace/tree/failure.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { parentPath } from '../namespace/tree/path.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import { StorageError } from '../storages/storage-error.js';
import { isGone } from './directory-look.js';
import { EdgeLockError } from './edge-lock-error.js';
import { isListingKnown, isPathKnown, type LookedSince, lookedSince } from './freshness-of.js';
import type { Lead } from './lead.js';
import { LookRefused } from './look-parts.js';
import { storageFailure } from './storage-terms.js';
import { endsBefore } from './waiting.js';

/** How long a listing waits for a directory that comes in for the first time, before it is told how far that is. */
const MAX_LISTING_WAIT_MS = 5_000;
/** An answer leaves so long before its deadline, milliseconds. */
export const ANSWER_MARGIN_MS = 250;
/** Directories of one mount that come in though nobody has asked for all their entries. */
const MAX_LOADING_AROUND = 2;

type PathQuery = QueryOf<'getStatus' | 'list'>;

/** Sees to it that what the tree says of paths in mounts is as fresh as is asked for. */
export class Freshening {
  readonly #lead: Lead;
  readonly #clock: Clock;
  /** When queries that wait, or have waited, came. */
  readonly #askedMs = new WeakMap<NamespaceQuery, number>();
  /** Those that take what is known. */
  readonly #contented = new WeakSet<NamespaceQuery>();
  readonly #loadingAround = new Map<number, number>();

  constructor(lead: Lead, clock: Clock) {
    this.#lead = lead;
    this.#clock = clock;
  }

  /** Undefined where the query can be answered now. What waits resolves with a refusal, or undefined: it is to be asked again. */
  ready(
    query: PathQuery,
    mount: Mount,
    until: Deadline,
  ): (() => Promise<Failure | undefined>) | undefined {
    if (this.#contented.has(query)) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const askedMs = this.#askedMs.get(query) ?? nowMs - (query.waitedMs ?? 0);
    const { path, syncIntervalMs = syncIntervalOf(mount, path) } = query;
    const since = lookedSince(syncIntervalMs, nowMs, askedMs);
    const { tree } = this.#lead;
    // Once: memory that forgets it at once would have it read for ever.
    const isFirst = !this.#askedMs.has(query);
    const reading = isFirst ? tree().prefetch([path], until.signal) : undefined;
    if (reading === undefined && this.#isKnown(query, mount, since)) return undefined;
    // Nobody may come to wait for it.
    reading?.catch(() => {});
    this.#askedMs.set(query, askedMs);
    return () => this.#wait(query, mount, since, until, reading);
  }

  #isKnown(query: PathQuery, mount: Mount, since: LookedSince): boolean {
    const { times, tree } = this.#lead;
    if (query.kind === 'getStatus') return isPathKnown(tree(), times, mount, query.path, since);
    const directory = this.#directoryAt(query.path);
    if (directory === undefined) return isPathKnown(tree(), times, mount, query.path, since);
    // It looked when the first page was asked for.
    if (query.after !== NO_BYTES && directory.mounted?.complete === true) return true;
    return isListingKnown(times, directory, since);
  }

  #directoryAt(path: ByteString): InodeRecord | undefined {
    const place = walkPath(this.#lead.tree(), path);
    const inode = place instanceof Place ? place.inode : undefined;
    return inode?.type === InodeType.Directory ? inode : undefined;
  }

  async #wait(
    query: PathQuery,
    mount: Mount,
    since: LookedSince,
    until: Deadline,
    reading: Promise<void> | undefined,
  ): Promise<Failure | undefined> {
    await reading;
    if (this.#isKnown(query, mount, since)) return undefined;
    const isListing = query.kind === 'list' && this.#directoryAt(query.path) !== undefined;
    const refusal = isListing
      ? await this.#list(mount, query.path, until)
      : await this.#lookUp(mount, query.path, until);
    if (refusal === undefined || query.stale !== true) return refusal;
    if (!this.#isKnown(query, mount, 'ever') && !this.#isPartlyKnown(query)) return refusal;
    this.#contented.add(query);
    return undefined;
  }

  /** Something of it has come in already. */
  #isPartlyKnown({ kind, path }: PathQuery): boolean {
    return kind === 'list' && (this.#directoryAt(path)?.children ?? 0) > 0;
  }

  async #lookUp(mount: Mount, path: ByteString, until: Deadline): Promise<Failure | undefined> {
    const looking = this.#lead.looks.lookUp(mount, path, until.signal);
    const lateMs = until.deadlineMs - ANSWER_MARGIN_MS;
    try {
      if (await endsBefore(this.#clock, lateMs, looking)) {
        this.#loadAround(mount, parentPath(path));
        return undefined;
      }
      return failure('STORAGE_UNREACHABLE', path, 'it has not answered yet');
    } catch (error) {
      return lookFailure(error, path);
    }
  }

  /** Where a path was asked for, its neighbours will be. */
  #loadAround(mount: Mount, path: ByteString): void {
    const directory = this.#directoryAt(path);
    if (directory === undefined || directory.mounted?.complete !== false) return;
    const loading = this.#loadingAround.get(mount.id) ?? 0;
    if (loading >= MAX_LOADING_AROUND) return;
    this.#loadingAround.set(mount.id, loading + 1);
    void this.#lead.looks
      .directory(mount, path, this.#lead.signal)
      .catch(() => {})
      .then(() => {
        const left = (this.#loadingAround.get(mount.id) ?? 1) - 1;
        if (left === 0) this.#loadingAround.delete(mount.id);
        else this.#loadingAround.set(mount.id, left);
      });
  }

  async #list(mount: Mount, path: ByteString, until: Deadline): Promise<Failure | undefined> {
    const { look, ended } = this.#lead.looks.begin(mount, path);
    const waitMs = this.#clock.monotonicMs() + MAX_LISTING_WAIT_MS;
    const lateMs = Math.min(until.deadlineMs - ANSWER_MARGIN_MS, waitMs);
    try {
      if (await endsBefore(this.#clock, lateMs, ended)) return undefined;
      return failure('SYNC_UNDER_WAY', path, `${look.counts.entries} entries have come in so far`);
    } catch (error) {
      return await this.#listFailure(error, mount, path, until);
    }
  }

  async #listFailure(
    error: unknown,
    mount: Mount,
    path: ByteString,
    until: Deadline,
  ): Promise<Failure | undefined> {
    if (!isGone(error)) return lookFailure(error, path);
    // The storage has no such directory: so the tree learns.
    if (path !== mount.path) return await this.#lookUp(mount, path, until);
    return failure('STORAGE_INVALID', path, error.message);
  }

  /** Makes what is known of a path fresh, for a change. Resolves with why it can't be. */
  async freshen(mount: Mount, path: ByteString, until: Deadline): Promise<Failure | undefined> {
    const askedMs = this.#clock.monotonicMs();
    const { times, tree } = this.#lead;
    await tree().prefetch([path], until.signal);
    const since = lookedSince(syncIntervalOf(mount, path), askedMs, askedMs);
    if (isPathKnown(tree(), times, mount, path, since)) return undefined;
    const refusal = await this.#lookUp(mount, path, until);
    await tree().prefetch([path], until.signal);
    return refusal;
  }
}

/** What a look is refused with where the tree became another one meanwhile. */
const CHANGED: ReadonlySet<string> = new Set(['NOT_FOUND', 'NOT_A_DIRECTORY', 'STEP_OVERTAKEN']);

/** Why a look did not end well, for whoever waited for it. Throws what is none of that again. */
function lookFailure(error: unknown, path: ByteString): Failure | undefined {
  if (error instanceof StorageError) return storageFailure(error, path);
  if (error instanceof EdgeLockError) return failure('LOCKED', path, error.message);
  if (!(error instanceof LookRefused)) throw error;
  const [code] = error.failure;
  // The tree changed meanwhile: it says so itself.
  return CHANGED.has(code) ? undefined : error.failure;
}
