import { dataCorrupt } from '../../errors.js';
import { MAX_INTENTS, MAX_OUTCOMES } from '../limits.js';
import { type OperationResult, parseResult } from '../operations/result.js';
import { type ByteString, NO_BYTES } from '../tree/byte-string.js';
import type { EdgeKey } from '../tree/edge.js';
import { isBelow, ROOT_PATH } from '../tree/path.js';
import { WireError, type WireField, wireArray, wireInteger } from '../wire-fields.js';
import { encodeIntent, type HeldEdges, type Intent, parseEdges, parseIntent } from './intent.js';
import { encodeMount, type Mount, parseMount } from './mount.js';
import type { WireCondition } from './mount-condition.js';

/** Kinds of records that a store keeps beside the tree, each under a number of its own. */
export const MountRecord = { Mount: 0, Intent: 1, Outcome: 2, Epoch: 3, Entries: 4 } as const;
export type MountRecord = (typeof MountRecord)[keyof typeof MountRecord];

/** The number of the one record of a kind of which there is one. */
const ONLY = 0;

/** A record as the store keeps it; `value` undefined: it goes. The value is a wire value. */
export interface MountRecordChange {
  readonly record: MountRecord;
  readonly number: number;
  readonly value: WireField | undefined;
}

interface EndedIntent {
  readonly number: number;
  readonly outcome: OperationResult;
  readonly writes: readonly EdgeKey[];
}

/** Told on whichever member applies it, while it is applied. */
export interface MountObserver {
  intentBegan(intent: Intent): void;
  intentEnded(intent: Intent, outcome: OperationResult): void;
  /** Mounts came, went or changed. */
  mountsChanged(): void;
  /** How it is with the storage of a mount, for an answer; undefined where nobody here has used it. */
  condition(mount: number): WireCondition | undefined;
}

/**
 * What is replicated about mounts: the table of mounts, what was begun in their storages, and how what was begun last
 * ended. All of it is small, and in memory; each change is kept for the store to write with the tree's.
 */
export class MountState {
  readonly #mounts = new Map<number, Mount>();
  readonly #byPath = new Map<ByteString, Mount>();
  readonly #intents = new Map<number, Intent>();
  /** How many of them each mount has. */
  readonly #intentsOf = new Map<number, number>();
  /** How many intents hold an edge; those that let nobody pass apart. */
  readonly #reads = new Map<EdgeKey, number>();
  readonly #writes = new Map<EdgeKey, number>();
  /** By intent, in the order in which they ended: which is how they are numbered. */
  readonly #outcomes = new Map<number, EndedIntent>();
  /** When an intent last ended on an edge, of those that are remembered. */
  readonly #endedAt = new Map<EdgeKey, number>();
  #nextOutcome = 0;
  /** Inodes of each mount. */
  readonly #entries = new Map<number, number>();
  readonly #changed = new Map<string, MountRecordChange>();
  #epoch = 0;
  /** Whoever wants to know of changes here. */
  observer: MountObserver | undefined;

  /** Takes a record that a store has kept; throws DATA_CORRUPT. */
  load(record: MountRecord, number: number, value: unknown): void {
    try {
      this.#load(record, number, value);
    } catch (error) {
      if (error instanceof WireError) throw dataCorrupt(`a record of a mount: ${error.message}`);
      throw error;
    }
  }

  #load(record: MountRecord, number: number, value: unknown): void {
    if (record === MountRecord.Mount) this.#set(parseMount(value));
    else if (record === MountRecord.Intent) this.#begin(parseIntent(value));
    else if (record === MountRecord.Outcome) this.#loadOutcome(number, value);
    else if (record === MountRecord.Epoch) this.#epoch = whole(value);
    else this.#entries.set(number, whole(value));
  }

  #loadOutcome(number: number, value: unknown): void {
    const [id, outcome, writes] = wireArray(value, 3, 3, 'an outcome');
    const ended = { number, outcome: parseResult(outcome), writes: parseEdges(writes) };
    this.#remember(whole(id), ended);
    this.#nextOutcome = number + 1;
  }

  /** What changed since the last call, for the store to write. */
  takeChanges(): readonly MountRecordChange[] {
    if (this.#changed.size === 0) return [];
    const changes = [...this.#changed.values()];
    this.#changed.clear();
    return changes;
  }

  #note(record: MountRecord, number: number, value: WireField | undefined): void {
    this.#changed.set(`${record} ${number}`, { record, number, value });
  }

  /** Nothing is mounted. */
  get isEmpty(): boolean {
    return this.#mounts.size === 0;
  }

  get size(): number {
    return this.#mounts.size;
  }

  all(): IterableIterator<Mount> {
    return this.#mounts.values();
  }

  get(id: number): Mount | undefined {
    return this.#mounts.get(id);
  }

  /** The mount whose directory is at a path. */
  at(path: ByteString): Mount | undefined {
    return this.#byPath.get(path);
  }

  /** The mount in which a path lies, its own directory included: the one deepest in the tree. */
  of(path: ByteString): Mount | undefined {
    if (this.#mounts.size === 0) return undefined;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const mount = this.#byPath.get(path.slice(0, end) as ByteString);
      if (mount !== undefined) return mount;
    }
    return this.#byPath.get(ROOT_PATH);
  }

  /** A mount somewhere below a path. */
  below(path: ByteString): Mount | undefined {
    for (const mount of this.#mounts.values()) if (isBelow(mount.path, path)) return mount;
    return undefined;
  }

  put(mount: Mount): void {
    this.#set(mount);
    this.#note(MountRecord.Mount, mount.id, encodeMount(mount));
    this.observer?.mountsChanged();
  }

  #set(mount: Mount): void {
    this.#mounts.set(mount.id, mount);
    this.#byPath.set(mount.path, mount);
  }

  drop(mount: Mount): void {
    this.#mounts.delete(mount.id);
    this.#byPath.delete(mount.path);
    this.#note(MountRecord.Mount, mount.id, undefined);
    this.observer?.mountsChanged();
  }

  /** Inodes that a mount has in the tree, those of deleted directories included until they are given back. */
  entriesOf(mount: number): number {
    return this.#entries.get(mount) ?? 0;
  }

  /** Mounts of which inodes are left. */
  get countedMounts(): Iterable<number> {
    return this.#entries.keys();
  }

  countEntry(mount: number, change: 1 | -1): void {
    const entries = this.entriesOf(mount) + change;
    if (entries === 0) this.#entries.delete(mount);
    else this.#entries.set(mount, entries);
    this.#note(MountRecord.Entries, mount, entries === 0 ? undefined : entries);
  }

  get intents(): ReadonlyMap<number, Intent> {
    return this.#intents;
  }

  /**
   * Whether a mount has as many intents as it may: no more than are left for all others, so that a storage that hangs
   * leaves some to each.
   */
  isFull(mount: number): boolean {
    return (this.#intentsOf.get(mount) ?? 0) >= MAX_INTENTS - this.#intents.size;
  }

  /** Whether an intent lets nobody pass an edge. */
  holdsWrite(edge: EdgeKey): boolean {
    return this.#writes.has(edge);
  }

  /** Whether an intent needs an edge as it is. */
  holds(edge: EdgeKey): boolean {
    return this.#writes.has(edge) || this.#reads.has(edge);
  }

  /** Whether anything on the way to a path, or there, is about to be made, moved or removed in its storage. */
  holdsAlong(path: ByteString): boolean {
    for (const intent of this.#intents.values()) {
      for (const changed of [intent.path, intent.destination]) {
        if (changed !== NO_BYTES && (changed === path || isBelow(path, changed))) return true;
      }
    }
    return false;
  }

  begin(intent: Intent): void {
    this.#begin(intent);
    this.#note(MountRecord.Intent, intent.id, encodeIntent(intent));
    this.observer?.intentBegan(intent);
  }

  #begin(intent: Intent): void {
    this.#intents.set(intent.id, intent);
    this.#hold(intent, 1);
    add(this.#intentsOf, intent.mount, 1);
  }

  #hold({ writes, reads }: HeldEdges, change: 1 | -1): void {
    for (const edge of writes) add(this.#writes, edge, change);
    for (const edge of reads) add(this.#reads, edge, change);
  }

  /** The tree has what was intended; what remains to be done is done behind it. */
  move(intent: Intent): void {
    const moved = { ...intent, moved: true };
    this.#intents.set(intent.id, moved);
    this.#note(MountRecord.Intent, intent.id, encodeIntent(moved));
  }

  end(intent: Intent, outcome: OperationResult): void {
    this.#intents.delete(intent.id);
    this.#hold(intent, -1);
    add(this.#intentsOf, intent.mount, -1);
    this.#note(MountRecord.Intent, intent.id, undefined);
    const number = this.#nextOutcome;
    this.#nextOutcome += 1;
    this.#remember(intent.id, { number, outcome, writes: intent.writes });
    this.#note(MountRecord.Outcome, number, [intent.id, outcome, intent.writes]);
    if (this.#outcomes.size > MAX_OUTCOMES) this.#forgetOutcome();
    this.observer?.intentEnded(intent, outcome);
  }

  #remember(id: number, ended: EndedIntent): void {
    this.#outcomes.set(id, ended);
    for (const edge of ended.writes) this.#endedAt.set(edge, ended.number);
  }

  #forgetOutcome(): void {
    const [oldest] = this.#outcomes;
    if (oldest === undefined) return;
    const [id, { number, writes }] = oldest;
    this.#outcomes.delete(id);
    for (const edge of writes) {
      if (this.#endedAt.get(edge) === number) this.#endedAt.delete(edge);
    }
    this.#note(MountRecord.Outcome, number, undefined);
  }

  /** How an intent ended; undefined while it has not, or when that was long ago. */
  outcomeOf(id: number): OperationResult | undefined {
    return this.#outcomes.get(id)?.outcome;
  }

  /** Intents that have ended so far: a mark in time. */
  get ended(): number {
    return this.#nextOutcome;
  }

  /** Whether it is still known which intents have ended since a mark. */
  knowsEndedSince(mark: number): boolean {
    const [oldest] = this.#outcomes.values();
    return mark >= (oldest?.number ?? this.#nextOutcome);
  }

  /** Whether an intent that let nobody pass this edge has ended since a mark. */
  endedSince(mark: number, edge: EdgeKey): boolean {
    return (this.#endedAt.get(edge) ?? -1) >= mark;
  }

  /** Of the leader whose steps count: those of former ones are refused. 0: none has begun. */
  get epoch(): number {
    return this.#epoch;
  }

  beginEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#note(MountRecord.Epoch, ONLY, epoch);
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function whole(value: unknown): number {
  return wireInteger(value, 0, Number.MAX_SAFE_INTEGER, 'a number');
}
