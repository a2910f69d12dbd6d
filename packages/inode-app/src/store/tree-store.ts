import { encodeValue } from '@raft-ts/net';
import { InvariantBroken, invariant } from 'raft-ts/core';
import { dataCorrupt } from '../errors.js';
import { MAX_INODE_ID } from '../namespace/limits.js';
import { MountState } from '../namespace/mounts/mount-state.js';
import { newRoot } from '../namespace/tree/attributes.js';
import { type ByteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import {
  EDGE_PREFIX_BYTES,
  type EdgeKey,
  edgeKey,
  edgeName,
  edgeParent,
  edgePrefix,
  ROOT_EDGE,
} from '../namespace/tree/edge.js';
import { InodeType, ROOT_ID } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import type {
  DirectoryEntry,
  InodeStore,
  QueryStore,
  TrashedDirectory,
} from '../namespace/tree/inode-store.js';
import { recordFault } from '../namespace/tree/record-fault.js';
import { AbsenceFilter } from './absence-filter.js';
import { CommitStretches, checkCommits } from './commit-stretches.js';
import { DirectoryMemo } from './directory-memo.js';
import { DirectoryScan } from './directory-scan.js';
import { InodeCache, type InodeCacheLimits, type Presence } from './inode-cache.js';
import { MAX_INODE_ROW_BYTES, readInode, writeInode } from './inode-row.js';
import { locateInode } from './locate-inode.js';
import { readLocation, writeLocation } from './location-row.js';
import { loadMounts, mountRecordKey } from './mount-rows.js';
import type { OrderedRows, RowBatch } from './ordered-rows.js';
import { Overlay } from './overlay.js';
import {
  frameworkKey,
  MAX_KEY_BYTES,
  RowKind,
  STATE_KEY,
  writeInodeKey,
  writeNumberedKey,
} from './row-keys.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';
import { START_ROW } from './start-row.js';
import {
  newTreeState,
  readTreeState,
  stateFault,
  type TreeState,
  writeTreeState,
} from './state-row.js';
import { newStoreCounters } from './store-counters.js';
import { TrashAhead } from './trash-ahead.js';
import { readTrashed, writeTrashed } from './trash-row.js';

/** Edges in one read: few enough that several threads share a turn's, many enough to be cheap. */
const MAX_EDGES_PER_READ = 64;

export interface TreeStoreOptions extends InodeCacheLimits {
  /** Bytes of the filter that knows absent names; a power of two, 64 at least. */
  readonly absenceFilterBytes: number;
}

/**
 * The inode tree in rows, with its hot part on the heap. What the rules write goes into the cache,
 * where they see it at once and where it stays until `commit` writes it as one batch.
 */
export class TreeStore implements InodeStore, QueryStore {
  readonly rows: OrderedRows;
  readonly mounts: MountState;
  readonly counters = newStoreCounters();
  readonly #overlay = new Overlay();
  readonly #cache: InodeCache;
  readonly #filter: AbsenceFilter;
  readonly #directories = new DirectoryMemo();
  readonly #batch: RowBatch;
  readonly #key = new RowWriter(MAX_KEY_BYTES);
  readonly #value = new RowWriter(MAX_INODE_ROW_BYTES);
  readonly #reader = new RowReader();
  readonly #state: TreeState;
  readonly #stretches: CommitStretches;
  readonly #trashAhead = new TrashAhead(this);
  /** Keys and values in the batch. */
  #batchBytes = 0;
  /** Edges being read off the event loop, until a write makes the read out of date. */
  readonly #reading = new Map<EdgeKey, Promise<void>>();
  /** The read that this turn's edges go into. */
  #gathering: { readonly edges: EdgeKey[]; readonly reading: Promise<void> } | undefined;
  #removals = 0;

  private constructor(
    rows: OrderedRows,
    state: TreeState,
    mounts: MountState,
    options: TreeStoreOptions,
  ) {
    this.rows = rows;
    this.mounts = mounts;
    this.#state = state;
    this.#stretches = new CommitStretches(state.appliedIndex);
    this.#cache = new InodeCache(options);
    this.#filter = new AbsenceFilter(options.absenceFilterBytes);
    this.#batch = rows.batch();
  }

  /** Takes over rows that a store left, or makes a new tree in empty ones. */
  static async open(rows: OrderedRows, options: TreeStoreOptions): Promise<TreeStore> {
    const [bytes] = await rows.getMany([STATE_KEY]);
    if (bytes !== undefined) {
      const state = readTreeState(new RowReader(), bytes);
      await checkCommits(rows, state.appliedIndex);
      return new TreeStore(rows, state, await loadMounts(rows), options);
    }
    const store = new TreeStore(rows, newTreeState(), new MountState(), options);
    store.put(ROOT_EDGE, newRoot(ROOT_ID));
    store.commit(0, []);
    return store;
  }

  get appliedIndex(): number {
    return this.#state.appliedIndex;
  }

  /** Inodes with a row, by type; what was cut off counts until it is given back. */
  get counts(): Readonly<TreeState['counts']> {
    return this.#state.counts;
  }

  get cachedEntries(): number {
    return this.#cache.entries;
  }

  /** Estimated. */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  /** Grows when an inode leaves its place, by any of the rules. */
  get removals(): number {
    return this.#removals;
  }

  get(edge: EdgeKey): InodeRecord | undefined {
    if (this.#filter.excludes(edge)) {
      this.counters.excluded += 1;
      return undefined;
    }
    const known = this.#cache.get(edge);
    if (known !== undefined) {
      this.counters.hits += 1;
      return known === false ? undefined : known;
    }
    this.counters.synchronousMisses += 1;
    const [bytes] = this.rows.getManySync([writeInodeKey(this.#key, edge)]);
    const presence = this.#keep(edge, bytes);
    return presence === false ? undefined : presence;
  }

  /** What is in memory about an edge, undefined if nothing is. Does not count as a use. */
  peek(edge: EdgeKey): Presence | undefined {
    return this.#filter.excludes(edge) ? false : this.#cache.peek(edge);
  }

  /** Whether a directory is known without a read to have no entry of the name in `path` there. */
  excludes(directoryId: number, path: ByteString, start: number, end: number): boolean {
    return this.#filter.excludesName(directoryId, path, start, end);
  }

  directoryAt(path: ByteString): EdgeKey | undefined {
    return this.#directories.get(path);
  }

  noteDirectory(path: ByteString, edge: EdgeKey): void {
    this.#directories.note(path, edge);
  }

  put(edge: EdgeKey, inode: InodeRecord): void {
    const fault = recordFault(inode, this.#state.nextId);
    // A function for the text, made for each inode, would cost more than the check.
    if (fault !== undefined) throw new InvariantBroken(`the tree would hold ${fault}`);
    this.#write(edge, inode);
    this.#filter.added(edge);
    this.#noticeEmpty(inode);
  }

  remove(edge: EdgeKey, inode: InodeRecord): void {
    this.#write(edge, false);
    this.#removals += 1;
    this.#overlay.startRows.set(edgePrefix(edgeParent(edge)), true);
    if (inode.type === InodeType.Directory) this.#directories.forget();
  }

  #write(edge: EdgeKey, presence: Presence): void {
    this.#cache.set(edge, presence);
    this.#overlay.edges.add(edge);
    if (this.#reading.size > 0) this.#reading.delete(edge);
  }

  locate(id: number, edge: EdgeKey | undefined): void {
    this.#checkGiven(id);
    this.#overlay.locations.push({ id, edge });
  }

  dropDirectory(id: number): void {
    this.#overlay.startRows.set(edgePrefix(id), false);
  }

  /** Where an inode hangs, read off the event loop. */
  async readLocation(id: number, signal?: AbortSignal): Promise<EdgeKey | undefined> {
    const overlaid = this.#overlay.locationOf(id);
    if (overlaid !== undefined) return overlaid.edge;
    const key = Buffer.from(writeNumberedKey(this.#key, RowKind.Location, id));
    const [bytes] = await this.rows.getMany([key], signal);
    return bytes === undefined ? undefined : readLocation(bytes);
  }

  /** The same on the event loop. */
  readLocationSync(id: number): EdgeKey | undefined {
    const overlaid = this.#overlay.locationOf(id);
    if (overlaid !== undefined) return overlaid.edge;
    const [bytes] = this.rows.getManySync([writeNumberedKey(this.#key, RowKind.Location, id)]);
    return bytes === undefined ? undefined : readLocation(bytes);
  }

  get idsLeft(): number {
    return MAX_INODE_ID - this.#state.nextId + 1;
  }

  takeId(): number {
    const id = this.#state.nextId;
    invariant(id <= MAX_INODE_ID, 'an inode id was taken though none is left');
    this.#state.nextId += 1;
    return id;
  }

  /** What hangs somewhere, or did, is no root and has an id that was given. */
  #checkGiven(id: number): void {
    if (id > ROOT_ID && id < this.#state.nextId) return;
    throw new InvariantBroken(`the inode id ${id} was never given`);
  }

  count({ type, mounted }: Pick<InodeRecord, 'type' | 'mounted'>, change: 1 | -1): void {
    const { counts } = this.#state;
    if (mounted !== undefined) this.mounts.countEntry(mounted.mount, change);
    counts[type] += change;
    if (counts[type] >= 0) return;
    throw new InvariantBroken(`${counts[type]} inodes of type ${type} are left`);
  }

  get trashEmpty(): boolean {
    return this.#state.trashHead === this.#state.trashTail;
  }

  trash(directoryId: number): void {
    this.#checkGiven(directoryId);
    this.#overlay.trash.set(this.#state.trashTail, { id: directoryId, after: NO_BYTES });
    this.#state.trashTail += 1;
  }

  firstTrashed(): TrashedDirectory | undefined {
    if (this.trashEmpty) return undefined;
    const head = this.#state.trashHead;
    const overlaid = this.#overlay.trash.get(head);
    if (overlaid) return overlaid;
    const key = writeNumberedKey(this.#key, RowKind.Trash, head);
    const [bytes] = this.rows.getManySync([key]);
    if (bytes === undefined) throw dataCorrupt(`no trash row ${head}, the first that is in use`);
    return readTrashed(this.#reader, bytes, this.#state.nextId);
  }

  advanceTrashed(after: ByteString): void {
    const first = this.firstTrashed();
    invariant(first !== undefined, 'entries were given back of an empty trash');
    invariant(after > first.after, 'entries of the trash were given back out of order');
    this.#overlay.trash.set(this.#state.trashHead, { id: first.id, after });
    this.#dropStartRow(first);
    this.#overlay.startRows.set(edgeKey(first.id, after), true);
  }

  #dropStartRow({ id, after }: TrashedDirectory): void {
    if (after !== NO_BYTES) this.#overlay.startRows.set(edgeKey(id, after), false);
  }

  finishTrashed(): void {
    const first = this.firstTrashed();
    invariant(first !== undefined, 'a directory was taken out of an empty trash');
    this.#dropStartRow(first);
    this.dropDirectory(first.id);
    this.#trashAhead.finished(first.id);
    this.#overlay.trash.set(this.#state.trashHead, false);
    this.#state.trashHead += 1;
  }

  trashedEntries(trashed: TrashedDirectory, limit: number): readonly DirectoryEntry[] {
    const ahead = this.#trashAhead.take(trashed, limit);
    if (ahead !== undefined) return ahead;
    this.counters.synchronousMisses += 1;
    return this.scan(trashed.id, trashed.after, limit).runSync();
  }

  firstEntries(directoryId: number, limit: number): readonly DirectoryEntry[] {
    this.counters.synchronousMisses += 1;
    return this.scan(directoryId, NO_BYTES, limit).runSync();
  }

  reclaim(edge: EdgeKey, id: number): void {
    this.#checkGiven(id);
    this.#cache.delete(edge);
    this.#overlay.edges.delete(edge);
    this.#overlay.reclaimed.add(edge);
    this.#overlay.locations.push({ id, edge: undefined });
    if (this.#reading.size > 0) this.#reading.delete(edge);
  }

  /** Reads the next entries to reclaim, off the event loop. */
  warmTrash(maxEntries: number): Promise<void> {
    return this.#trashAhead.read(maxEntries);
  }

  /** Directories in the trash, the oldest first, read off the event loop. */
  async *trashedDirectories(): AsyncGenerator<TrashedDirectory, void> {
    const { trashHead, trashTail } = this.#state;
    for (let sequence = trashHead; sequence < trashTail; sequence += 1) {
      const overlaid = this.#overlay.trash.get(sequence);
      const trashed = overlaid === undefined ? await this.#readTrashed(sequence) : overlaid;
      if (trashed) yield trashed;
    }
  }

  async #readTrashed(sequence: number): Promise<TrashedDirectory | undefined> {
    const key = Buffer.from(writeNumberedKey(this.#key, RowKind.Trash, sequence));
    const [bytes] = await this.rows.getMany([key]);
    return bytes === undefined ? undefined : readTrashed(this.#reader, bytes, this.#state.nextId);
  }

  listEntries(id: number, after: ByteString, limit: number, signal: AbortSignal | undefined) {
    return this.scan(id, after, limit).run(signal);
  }

  locateInode(id: number, signal: AbortSignal | undefined) {
    return locateInode(this, id, signal);
  }

  /** Entries of a directory behind a name, as they are now. */
  scan(id: number, after: ByteString, limit: number): DirectoryScan {
    return new DirectoryScan(this.rows, this.#reader, this.#overlaid(id, after), {
      directoryId: id,
      after,
      limit,
      nextId: this.#state.nextId,
    });
  }

  #overlaid(directoryId: number, after: ByteString): ReadonlyMap<ByteString, Presence> {
    const { edges } = this.#overlay;
    const entries = new Map<ByteString, Presence>();
    if (edges.size === 0) return entries;
    const prefix = edgePrefix(directoryId);
    const start = edgeKey(directoryId, after);
    for (const edge of edges) {
      if (!edge.startsWith(prefix) || edge <= start || edge.length === EDGE_PREFIX_BYTES) continue;
      entries.set(edgeName(edge), this.#cache.peek(edge) ?? false);
    }
    return entries;
  }

  /**
   * Reads edges into the cache that it knows nothing of, off the event loop; all that is asked for in one turn shares
   * a few reads. An edge that is written meanwhile is left out: the cache has what was written.
   */
  async fetch(edges: readonly EdgeKey[], signal?: AbortSignal): Promise<void> {
    const joined = new Set<Promise<void>>();
    for (const edge of edges) {
      if (this.peek(edge) !== undefined) continue;
      joined.add(this.#reading.get(edge) ?? this.#gather(edge));
    }
    const [first] = joined;
    await (joined.size === 1 ? first : Promise.all(joined));
    signal?.throwIfAborted();
  }

  #gather(edge: EdgeKey): Promise<void> {
    let gathering = this.#gathering;
    if (gathering === undefined || gathering.edges.length >= MAX_EDGES_PER_READ) {
      const edges: EdgeKey[] = [];
      const reading: Promise<void> = Promise.resolve().then(() => this.#read(edges, reading));
      gathering = { edges, reading };
      this.#gathering = gathering;
    }
    gathering.edges.push(edge);
    this.#reading.set(edge, gathering.reading);
    return gathering.reading;
  }

  async #read(edges: readonly EdgeKey[], reading: Promise<void>): Promise<void> {
    if (this.#gathering?.reading === reading) this.#gathering = undefined;
    this.counters.prefetched += edges.length;
    this.counters.prefetchRounds += 1;
    try {
      const values = await this.rows.getMany(edges.map((edge) => Buffer.from(edge, 'latin1')));
      edges.forEach((edge, position) => {
        if (this.#reading.get(edge) === reading) this.#keep(edge, values[position]);
      });
    } finally {
      for (const edge of edges) {
        if (this.#reading.get(edge) === reading) this.#reading.delete(edge);
      }
    }
  }

  /** Lets the cache have what was read: it has nothing of the edge, which was not written since. */
  #keep(edge: EdgeKey, bytes: Buffer | undefined): Presence {
    const presence = bytes !== undefined && readInode(this.#reader, bytes, this.#state.nextId);
    this.#cache.set(edge, presence);
    if (presence !== false) this.#noticeEmpty(presence);
    if (this.#overlay.edges.size === 0) this.#cache.age();
    return presence;
  }

  #noticeEmpty(inode: InodeRecord): void {
    if (inode.type !== InodeType.Directory || inode.children > 0) return;
    this.#filter.directoryEmpty(inode.id);
  }

  /**
   * Writes everything since the last commit in one batch, with the index that it brings the rows
   * to. Not fsynced. After a failure the store must not be used any more.
   */
  commit(
    appliedIndex: number,
    rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[],
  ): void {
    const { appliedIndex: before } = this.#state;
    invariant(appliedIndex >= before, () => `${appliedIndex} is applied again`);
    this.#state.appliedIndex = appliedIndex;
    const fault = stateFault(this.#state);
    invariant(fault === undefined, () => `the tree would have ${fault}`);
    this.#batch.clear();
    this.#batchBytes = 0;
    this.#writeOverlay();
    this.#put(STATE_KEY, writeTreeState(this.#value, this.#state));
    this.#writeMounts();
    for (const { key, value } of rows) {
      if (value === undefined) this.#delete(frameworkKey(key));
      else this.#put(frameworkKey(key), value);
    }
    if (appliedIndex > before) {
      const bytes = this.#batchBytes;
      this.#put(...this.#stretches.row(this.#key, this.#value, appliedIndex, bytes));
    }
    this.#batch.write({ sync: false });
    this.#batch.clear();
    this.#overlay.clear();
    this.#cache.age();
  }

  /** Makes what is committed durable; resolves with the index up to which it is. */
  async flush(): Promise<number> {
    const { appliedIndex } = this.#state;
    await this.rows.sync();
    return appliedIndex;
  }

  #writeOverlay(): void {
    const { edges, reclaimed, startRows, locations, trash } = this.#overlay;
    // RocksDB takes rows in the order of their keys in half the time.
    for (const edge of [...edges].sort()) {
      const key = writeInodeKey(this.#key, edge);
      const presence = this.#cache.peek(edge);
      invariant(presence !== undefined, 'the cache forgot what is not committed');
      if (presence === false) this.#delete(key);
      else this.#put(key, writeInode(this.#value, presence));
    }
    for (const edge of reclaimed) this.#delete(writeInodeKey(this.#key, edge));
    for (const [edge, needed] of startRows) {
      const key = writeInodeKey(this.#key, edge);
      if (needed) this.#put(key, START_ROW);
      else this.#delete(key);
    }
    for (const { id, edge } of locations) {
      const key = writeNumberedKey(this.#key, RowKind.Location, id);
      if (edge === undefined) this.#delete(key);
      else this.#put(key, writeLocation(this.#value, edge));
    }
    for (const [sequence, trashed] of trash) {
      const key = writeNumberedKey(this.#key, RowKind.Trash, sequence);
      if (trashed === false) this.#delete(key);
      else this.#put(key, writeTrashed(this.#value, trashed));
    }
  }

  #writeMounts(): void {
    for (const change of this.mounts.takeChanges()) {
      const key = mountRecordKey(this.#key, change);
      if (change.value === undefined) this.#delete(key);
      else this.#put(key, encodeValue(change.value));
    }
  }

  #put(key: Uint8Array, value: Uint8Array): void {
    this.#batch.put(key, value);
    this.#batchBytes += key.length + value.length;
  }

  #delete(key: Uint8Array): void {
    this.#batch.delete(key);
    this.#batchBytes += key.length;
  }
}
