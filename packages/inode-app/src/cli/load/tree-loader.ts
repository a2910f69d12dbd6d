import type { ByteClient } from '../../client/byte-client.js';
import { isRefusalCode, refusalText } from '../../errors.js';
import { type Operation, operationFault } from '../../namespace/operations/operation-table.js';
import type { OperationResult } from '../../namespace/operations/result.js';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import {
  type ByteString,
  joinBytes,
  NO_BYTES,
  sliceBytes,
} from '../../namespace/tree/byte-string.js';
import { ATTRIBUTE_FIELDS, type Inode, InodeType } from '../../namespace/tree/inode.js';
import { isBelow, ROOT_PATH } from '../../namespace/tree/path.js';
import type { WalkStep } from '../fs/walk-tree.js';
import { LoadDirectory } from './load-directory.js';
import { OrderedCommands } from './ordered-commands.js';
import { type PairedStep, pairedWalks } from './paired-walks.js';
import type { RealLeaf, SkippedEntry } from './real-entry.js';
import { Skipped } from './skipped.js';
import type { RealTreeWalk } from './walk-real-tree.js';

interface TreeLoaderOptions {
  readonly client: ByteClient;
  readonly real: RealTreeWalk;
  /** Where the top goes, as what paths of the tree have before those below it: empty for `/`. */
  readonly prefix: ByteString;
  /** Whether what the tree has and this machine has not is deleted. */
  readonly deletes: boolean;
  readonly signal?: AbortSignal | undefined;
}

type Change = 'added' | 'updated' | 'deleted';

/**
 * Makes the tree what a walk finds here, and sends only what differs. An entry is sent once its
 * directory is acknowledged, a directory's attributes once its entries are. What has another type is
 * replaced, with all below it.
 */
export class TreeLoader {
  readonly leftOut = new Skipped();
  /** Entries that the tree is known to have as they are here. */
  entries = 0;
  /** Of these, those that it did not have, and those that it had differently. */
  added = 0;
  updated = 0;
  /** Entries that were deleted; what hung below them is not counted. */
  deleted = 0;
  readonly #real: RealTreeWalk;
  readonly #prefix: ByteString;
  readonly #deletes: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #commands: OrderedCommands;
  /** From the top to where the walk is. */
  readonly #open: LoadDirectory[] = [];

  constructor({ client, real, prefix, deletes, signal }: TreeLoaderOptions) {
    this.#real = real;
    this.#prefix = prefix;
    this.#deletes = deletes;
    this.#signal = signal;
    this.#commands = new OrderedCommands((operations) => client.run(operations, signal));
  }

  /**
   * Loads everything. `there` is what the tree has at the top's path, `tree` what it has below. A
   * missing top is made, with the directories above it. Resolves when all is acknowledged; rejects
   * with what kept a command from being.
   */
  async load(
    top: NewAttributes,
    there: Inode | undefined,
    tree: AsyncIterable<WalkStep>,
  ): Promise<void> {
    this.#directory(undefined, NO_BYTES, top, await this.#real.begin(), there);
    for await (const step of pairedWalks(this.#real, tree, this.#prefix)) {
      this.#signal?.throwIfAborted();
      this.#take(step);
      const room = this.#commands.room();
      if (room !== undefined) await room;
    }
    while (this.#open.length > 0) this.#leaveLast();
    await this.#commands.idle();
  }

  #take({ path, real, there, error }: PairedStep): void {
    if (error !== undefined) {
      this.leftOut.add(refusalReason(error.code), this.#treePath(path));
      return;
    }
    const parent = this.#parentOf(path);
    if (parent === undefined) return;
    if (parent.made.state === 'failed') {
      if (real !== undefined) this.#real.leave(real);
    } else if (real === undefined) {
      if (parent.namesKnown) this.#surplus(parent, path);
    } else if (real.entry.type === 'skipped') {
      this.#skip(path, real.entry);
      if (real.entry.kind === 'special' && there !== undefined) this.#surplus(parent, path);
    } else if (real.entry.type === 'directory') {
      this.#directory(parent, path, real.entry.attributes, real.unread, there);
    } else this.#leaf(parent, path, real.entry, there);
  }

  /** The open directory that a path lies in; what the walk has left behind it is closed. */
  #parentOf(path: ByteString): LoadDirectory | undefined {
    const directory = sliceBytes(path, 0, path.lastIndexOf('/'));
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (last.path === directory) return last;
      // What the tree has below something that is not loaded.
      if (isBelow(directory, last.path)) return undefined;
      this.#leaveLast();
    }
    return undefined;
  }

  #leaveLast(): void {
    const directory = this.#open.pop();
    if (directory === undefined) return;
    directory.left = true;
    this.#finish(directory);
  }

  #directory(
    parent: LoadDirectory | undefined,
    path: ByteString,
    attributes: NewAttributes,
    unread: SkippedEntry | undefined,
    there: Inode | undefined,
  ): void {
    const existing = there?.type === InodeType.Directory ? there : undefined;
    const state = existing && (hasAttributes(existing, attributes) ? 'equal' : 'different');
    const directory = new LoadDirectory(path, attributes, unread === undefined, state);
    this.#open.push(directory);
    if (unread !== undefined) this.#skip(path, unread);
    if (existing !== undefined) this.entries += 1;
    else {
      const mkdir = {
        kind: 'mkdir',
        path: this.#treePath(path),
        parents: true,
        attributes,
      } as const;
      this.#make(parent, path, mkdir, parent && there, directory);
    }
  }

  #leaf(parent: LoadDirectory, path: ByteString, leaf: RealLeaf, there: Inode | undefined): void {
    const { attributes } = leaf;
    if (there === undefined || !isSame(leaf, there)) {
      this.#make(parent, path, createOperation(this.#treePath(path), leaf), there);
    } else if (hasAttributes(there, attributes)) this.entries += 1;
    else {
      const operation = { kind: 'setAttribute', path: this.#treePath(path), attributes } as const;
      this.#send(parent, path, [operation], 'updated');
    }
  }

  /** Makes an entry, in the place of what is there. */
  #make(
    parent: LoadDirectory | undefined,
    path: ByteString,
    operation: Operation,
    there: Inode | undefined,
    directory?: LoadDirectory,
  ): void {
    if (there === undefined) this.#send(parent, path, [operation], 'added', directory);
    else {
      const operations = [deleteOperation(this.#treePath(path)), operation];
      this.#send(parent, path, operations, 'updated', directory);
    }
  }

  /** The tree has something that is not here. */
  #surplus(parent: LoadDirectory, path: ByteString): void {
    if (!this.#deletes) return;
    this.#send(parent, path, [deleteOperation(this.#treePath(path))], 'deleted');
  }

  /** Sends operations on an entry; `directory` is what they make. */
  #send(
    parent: LoadDirectory | undefined,
    path: ByteString,
    operations: readonly Operation[],
    change: Change,
    directory?: LoadDirectory,
  ): void {
    if (this.#hasFault(path, operations)) {
      if (directory !== undefined) directory.made.state = 'failed';
      return;
    }
    const comeOrGo = operations.some(({ kind }) => kind !== 'setAttribute');
    if (parent !== undefined) parent.unacknowledged += 1;
    this.#commands.add({
      operations,
      needs: parent?.made,
      meets: directory?.made,
      settled: (results) => {
        if (this.#accepted(path, results)) {
          this[change] += 1;
          if (change !== 'deleted') this.entries += 1;
        }
        if (parent !== undefined) {
          parent.unacknowledged -= 1;
          parent.touched ||=
            comeOrGo && results?.some((result) => typeof result === 'number') === true;
          this.#finish(parent);
        }
        if (directory !== undefined) this.#finish(directory);
      },
    });
  }

  /** Sets the attributes of a directory that is done with, unless it has them already. */
  #finish(directory: LoadDirectory): void {
    const { path, attributes, there, touched } = directory;
    if (!directory.complete || !(touched || there === 'different')) return;
    const operation = { kind: 'setAttribute', path: this.#treePath(path), attributes } as const;
    if (this.#hasFault(path, [operation])) return;
    this.#commands.add({
      operations: [operation],
      settled: (results) => {
        if (this.#accepted(path, results) && there === 'different') this.updated += 1;
      },
    });
  }

  /**
   * Whether the tree would refuse an operation for its attributes or target. Found before anything is
   * sent: what is there is not deleted for what cannot come in its place. Notes what is wrong.
   */
  #hasFault(path: ByteString, operations: readonly Operation[]): boolean {
    const fault = operations.map(operationFault).find((each) => each !== undefined);
    if (fault === undefined) return false;
    // Without the value, which is another one for each entry: reasons are counted.
    this.leftOut.add(fault.replace(/, not \S+$/, ''), this.#treePath(path));
    return true;
  }

  /** Whether operations were carried out, as their last one tells; notes a refusal. */
  #accepted(path: ByteString, results: readonly OperationResult[] | undefined): boolean {
    const result = results?.at(-1);
    // What needs a directory that could not be made goes with that one.
    if (result === undefined) return false;
    if (typeof result === 'number') return true;
    this.leftOut.add(refusalReason(result[0]), this.#treePath(path));
    return false;
  }

  #skip(path: ByteString, { reason, kind }: SkippedEntry): void {
    this.leftOut.add(reason, this.#real.realPath(path), kind !== 'unread');
  }

  #treePath(path: ByteString): ByteString {
    const whole = joinBytes(this.#prefix, path);
    return whole === NO_BYTES ? ROOT_PATH : whole;
  }
}

/** Whether the tree has an entry of this kind: a link's target never changes. */
function isSame(leaf: RealLeaf, there: Inode): boolean {
  return leaf.type === 'file'
    ? there.type === InodeType.File
    : there.type === InodeType.SymbolicLink && there.target === leaf.target;
}

function hasAttributes(there: Inode, attributes: NewAttributes): boolean {
  return ATTRIBUTE_FIELDS.every(
    (field) => attributes[field] === undefined || attributes[field] === there[field],
  );
}

function createOperation(path: ByteString, { attributes, ...leaf }: RealLeaf): Operation {
  return leaf.type === 'file'
    ? { kind: 'create', path, attributes }
    : { kind: 'symlink', path, target: leaf.target, attributes };
}

function deleteOperation(path: ByteString): Operation {
  return { kind: 'delete', path, recursive: true };
}

function refusalReason(code: string): string {
  if (code === 'ALREADY_EXISTS') return 'something else is there already';
  return isRefusalCode(code) ? refusalText(code) : code;
}
