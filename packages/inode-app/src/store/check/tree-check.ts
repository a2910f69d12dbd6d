import { checkFrameworkRow } from '@raft-ts/statemachine';
import { dataCorrupt, InodeAppError } from '../../errors.js';
import { MAX_INODE_ID, MAX_NAME_BYTES } from '../../namespace/limits.js';
import { MountState } from '../../namespace/mounts/mount-state.js';
import { type ByteString, joinBytes, NO_BYTES } from '../../namespace/tree/byte-string.js';
import {
  EDGE_PREFIX_BYTES,
  type EdgeKey,
  edgeName,
  edgeParent,
  ROOT_EDGE,
} from '../../namespace/tree/edge.js';
import { InodeType, ROOT_ID } from '../../namespace/tree/inode.js';
import { pathFault, ROOT_PATH } from '../../namespace/tree/path.js';
import { readCommits } from '../commit-stretches.js';
import { readInode } from '../inode-row.js';
import { readLocation } from '../location-row.js';
import { loadMountRow } from '../mount-rows.js';
import type { OrderedRows } from '../ordered-rows.js';
import { RowKind, readNumber } from '../row-keys.js';
import { RowReader } from '../row-reader.js';
import { isStartRow } from '../start-row.js';
import { readTreeState, type TreeState } from '../state-row.js';
import { readTrashed } from '../trash-row.js';
import { isStoredDamage } from '../tree-damage.js';
import { isLowestOfRing } from './below-itself.js';
import { checkInode } from './check-inode.js';
import { InodeFactStore, type InodeFacts } from './inode-facts.js';
import { RowsDigest } from './rows-digest.js';
import { type TreeProblem, TreeProblems } from './tree-problem.js';

/** What was found of a tree. */
export interface TreeReport {
  /** The last entry of the log whose effects are in it; undefined where the tree does not say it. */
  readonly appliedIndex: number | undefined;
  readonly rows: number;
  readonly directories: number;
  readonly files: number;
  readonly symbolicLinks: number;
  /** Directories that were deleted, and are not given back as a whole. */
  readonly trash: number;
  /**
   * SHA-256 of the whole state, sessions included: the same on members that have applied the same.
   */
  readonly digest: string;
  readonly problemCount: number;
  /** The first of them. */
  readonly problems: readonly TreeProblem[];
}

interface TreeCheckEnd {
  readonly signal?: AbortSignal;
  readonly expectedIndex?: number;
}

/** Until the row with the next id was read, any may have been given. */
const ANY_ID = MAX_INODE_ID + 1;
/** Of a numbered key: its kind, and the number in seven. */
const NUMBERED_KEY_BYTES = 8;

/** A key that no row has. */
class UnknownKey extends Error {
  override readonly name = 'UnknownKey';
}

/**
 * Checks the rows of a whole tree: given all of them in the order of their keys, then asked what it
 * found. Every inode hangs in a directory, and so on up to the root or to one in the trash; each
 * directory has as many entries as it says, the tree as many inodes; where an inode is said to hang, it
 * does; no id is there twice, or was never given.
 *
 * Its memory does not grow with the tree: what has to be looked at in another order goes to `scratch`, an
 * empty store, of about the size of the tree.
 */
export class TreeCheck {
  readonly #facts: InodeFactStore;
  readonly #problems = new TreeProblems();
  readonly #digest = new RowsDigest();
  readonly #reader = new RowReader();
  readonly #counts: [directories: number, files: number, symbolicLinks: number] = [0, 0, 0];
  #rows = 0;
  #before: Buffer = Buffer.alloc(0);
  /** The directory whose entries come now. */
  #directory: { readonly id: number; readonly first: ByteString; count: number } | undefined;
  #state: TreeState | undefined;
  #trash = { count: 0, first: 0, last: 0 };
  #commits = { last: 0, broken: false };
  readonly #mounts = new MountState();
  /** Inodes of each mount. */
  readonly #mounted = new Map<number, number>();

  constructor(scratch: OrderedRows) {
    this.#facts = new InodeFactStore(scratch);
  }

  /** That it was given so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Neither is kept. Throws InodeAppError DATA_FOREIGN where a later version wrote the tree. */
  add(key: Buffer, value: Buffer): void {
    if (this.#rows > 0 && key.compare(this.#before) <= 0) {
      this.#problems.add('row-order', `a row that does not come behind ${this.#rows} others`);
    }
    this.#rows += 1;
    this.#before = Buffer.from(key);
    this.#digest.add(key, value);
    try {
      this.#take(key, value);
    } catch (error) {
      if (error instanceof UnknownKey) this.#unknown(key);
      else if (isRowDamage(key, error)) this.#damaged(key, error.message);
      else throw error;
    }
  }

  #take(key: Buffer, value: Buffer): void {
    const kind = key[0];
    if (kind === RowKind.Inode) this.#takeEdge(key, value);
    else if (kind === RowKind.Location) this.#takeLocation(numberIn(key), value);
    else if (kind === RowKind.Trash) this.#takeTrash(numberIn(key), value);
    else if (kind === RowKind.Commits) this.#takeCommits(numberIn(key), value);
    else if (kind === RowKind.Mounts) loadMountRow(this.#mounts, key, value);
    else if (kind === RowKind.State && key.byteLength === 1) {
      this.#state = readTreeState(this.#reader, value);
    } else if (kind === RowKind.Framework) checkFrameworkRow(key.subarray(1), value);
    else throw new UnknownKey();
  }

  #takeEdge(key: Buffer, value: Buffer): void {
    const edge = key.toString('latin1') as EdgeKey;
    const parent = key.byteLength < EDGE_PREFIX_BYTES ? Number.NaN : edgeParent(edge);
    if (!Number.isSafeInteger(parent)) throw new UnknownKey();
    const name = edgeName(edge);
    if (isStartRow(value)) this.#takeStart(parent, name);
    else this.#takeInode(edge, parent, name, value);
  }

  #takeInode(edge: EdgeKey, parent: number, name: ByteString, value: Buffer): void {
    if (parent === 0 ? edge !== ROOT_EDGE : !isName(name)) throw new UnknownKey();
    // Also of one that can't be read: it is an entry all the same.
    if (parent > 0) this.#countEntry(parent, name);
    const { id, type, children, mounted } = readInode(this.#reader, value, ANY_ID);
    if (mounted !== undefined) {
      this.#mounted.set(mounted.mount, (this.#mounted.get(mounted.mount) ?? 0) + 1);
    }
    this.#counts[type] += 1;
    this.#facts.inode(id, { edge, type, children });
  }

  #takeStart(parent: number, name: ByteString): void {
    if (parent < ROOT_ID || (name !== NO_BYTES && !isName(name))) throw new UnknownKey();
    this.#facts.start(parent, name);
  }

  #countEntry(parent: number, name: ByteString): void {
    if (this.#directory?.id !== parent) {
      this.#endDirectory();
      this.#directory = { id: parent, first: name, count: 0 };
    }
    this.#directory.count += 1;
  }

  #endDirectory(): void {
    const directory = this.#directory;
    this.#directory = undefined;
    if (directory !== undefined) this.#facts.entries(directory.id, directory);
  }

  #takeLocation(id: number, value: Buffer): void {
    if (id < ROOT_ID) throw new UnknownKey();
    this.#facts.location(id, readLocation(value));
  }

  #takeTrash(sequence: number, value: Buffer): void {
    const { id, after } = readTrashed(this.#reader, value, ANY_ID);
    if (after.length > MAX_NAME_BYTES) throw dataCorrupt(`a name of ${after.length} bytes`);
    if (this.#trash.count === 0) this.#trash.first = sequence;
    this.#trash.last = sequence;
    this.#trash.count += 1;
    this.#facts.trash(id, { sequence, after });
  }

  #takeCommits(first: number, value: Buffer): void {
    if (first !== this.#commits.last + 1) this.#commits.broken = true;
    this.#commits.last = readCommits(this.#reader, value);
  }

  #unknown(key: Buffer): void {
    this.#problems.add('row-unknown', `a row with the key ${hexadecimal(key)}`);
  }

  #damaged(key: Buffer, message: string): void {
    const found = message
      .replace(/^.*?(?:it holds|has) /, '')
      .replace(/\. R(?:un|ebuild) .*|\.$/, '');
    this.#problems.add('row-damaged', `${found}, as the row ${hexadecimal(key)}`);
  }

  /**
   * Once all rows are in. `expectedIndex`: up to which entry of the log they have to go. Rejects with the
   * signal's reason, or what the scratch reports.
   */
  async end({ signal, expectedIndex }: TreeCheckEnd = {}): Promise<TreeReport> {
    this.#endDirectory();
    const state = this.#state;
    if (state === undefined) this.#problems.add('state', 'no row that says how far it is');
    else if (expectedIndex !== undefined && state.appliedIndex !== expectedIndex) {
      const said = `a tree as of entry ${state.appliedIndex}`;
      this.#problems.add('state', `${said}, and ${expectedIndex} is said to be its last one`);
    }
    const nextId = state?.nextId ?? ANY_ID;
    for await (const facts of this.#facts.all(signal)) {
      checkInode(facts, nextId, this.#problems);
      this.#checkReached(facts);
    }
    if (state !== undefined) this.#checkTotals(state);
    this.#checkMounted();
    const [directories, files, symbolicLinks] = this.#counts;
    return {
      appliedIndex: state?.appliedIndex,
      rows: this.#rows,
      directories,
      files,
      symbolicLinks,
      trash: this.#trash.count,
      digest: this.#digest.end(),
      problemCount: this.#problems.count,
      problems: this.#problems.kept,
    };
  }

  #checkReached({ id, inodes }: InodeFacts): void {
    const [inode] = inodes;
    if (inode?.type !== InodeType.Directory || edgeParent(inode.edge) < id) return;
    if (!isLowestOfRing(id, (directory) => this.#facts.edgeOf(directory))) return;
    this.#problems.add('cycle', `directory ${id}, which hangs below itself`, id);
  }

  #checkMounted(): void {
    const ids = new Set([...this.#mounted.keys(), ...this.#mounts.countedMounts]);
    for (const id of ids) {
      const [found, said] = [this.#mounted.get(id) ?? 0, this.#mounts.entriesOf(id)];
      if (found === said) continue;
      this.#problems.add('count', `${found} inodes of mount ${id}, and it says ${said}`);
    }
  }

  #checkTotals(state: TreeState): void {
    const { counts, trashHead, trashTail, appliedIndex } = state;
    const names = ['directories', 'files', 'symbolic links'];
    for (const [at, name] of names.entries()) {
      const [found, said] = [this.#counts[at], counts[at]];
      if (found !== said) this.#problems.add('count', `${found} ${name}, and it says ${said}`);
    }
    const { count, first, last } = this.#trash;
    const whole = count === 0 || (first === trashHead && last === trashTail - 1);
    if (count !== trashTail - trashHead || !whole) {
      const said = `${trashTail - trashHead} from ${trashHead} on`;
      this.#problems.add(
        'trash',
        `${count} deleted directories from ${first} on, and it says ${said}`,
      );
    }
    if (this.#commits.broken || this.#commits.last !== appliedIndex) {
      this.#problems.add('commits', `not all of what was applied up to ${appliedIndex}`);
    }
  }
}

/** A row of a format that is not known is a damaged one, but that with which each version begins. */
function isRowDamage(key: Buffer, error: unknown): error is Error {
  if (isStoredDamage(error)) return true;
  const foreign = error instanceof InodeAppError && error.code === 'DATA_FOREIGN';
  return foreign && key[0] !== RowKind.State;
}

/** The number in a key of a kind and a number. */
function numberIn(key: Buffer): number {
  const number = key.byteLength === NUMBERED_KEY_BYTES ? readNumber(key) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new UnknownKey();
  return number;
}

function isName(name: ByteString): boolean {
  return !name.includes('/') && pathFault(joinBytes(ROOT_PATH, name)) === undefined;
}

function hexadecimal(key: Buffer): string {
  return key.toString('hex');
}
