import type { ByteClient } from '../../client/byte-client.js';
import { InodeAppError, isRefusalCode, refusalText } from '../../errors.js';
import type { OperationResult } from '../../namespace/operations/operation.js';
import type { Operation } from '../../namespace/operations/operation-table.js';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { childPath } from '../../namespace/tree/path.js';
import { ExistingEntries } from './existing-entries.js';
import { LoadDirectory } from './load-directory.js';
import { OrderedCommands } from './ordered-commands.js';
import type { RealLeaf, SkippedEntry } from './real-entry.js';
import { Skipped } from './skipped.js';
import type { TreeVisitor } from './walk-real-tree.js';

/**
 * Writes what a walk finds into the tree. An entry is sent once its directory is acknowledged, a
 * directory's attributes once its entries are. What is there already with the same type is brought
 * up to date, so that a load can be repeated.
 */
export class TreeLoader implements TreeVisitor<LoadDirectory> {
  readonly leftOut = new Skipped();
  /** Entries that the tree is known to have. */
  entries = 0;
  updated = 0;
  readonly #commands: OrderedCommands;
  readonly #existing: ExistingEntries;

  constructor(client: ByteClient, signal?: AbortSignal) {
    this.#existing = new ExistingEntries(client, signal);
    this.#commands = new OrderedCommands((operations) => client.run(operations, signal));
  }

  /** Notes the top: made with the directories above it, as far as they are missing. */
  top(path: ByteString, attributes: NewAttributes): LoadDirectory {
    const top = new LoadDirectory(path, attributes, undefined);
    this.#make(top);
    return top;
  }

  enter(parent: LoadDirectory, name: ByteString, attributes: NewAttributes): LoadDirectory {
    const directory = new LoadDirectory(childPath(parent.path, name), attributes, parent);
    parent.unacknowledged += 1;
    this.#make(directory);
    return directory;
  }

  entry(parent: LoadDirectory, name: ByteString, entry: RealLeaf): void {
    const path = childPath(parent.path, name);
    parent.unacknowledged += 1;
    this.#commands.add({
      operations: [createOperation(path, entry)],
      needs: parent.made,
      settled: (results) => {
        const result = results?.[0];
        if (typeof result === 'object' && result[0] === 'ALREADY_EXISTS') {
          void this.#compare(parent, name, entry);
        } else this.#settle(parent, path, results);
      },
    });
  }

  leave(directory: LoadDirectory): void {
    directory.left = true;
    this.#finish(directory);
  }

  skipped(realPath: ByteString, { reason, harmless }: SkippedEntry): void {
    this.leftOut.add(reason, realPath, harmless);
  }

  abandoned(directory: LoadDirectory): boolean {
    return directory.made.state === 'failed';
  }

  room(): Promise<void> | undefined {
    return this.#commands.room();
  }

  /** Resolves when everything is acknowledged; rejects with what kept a command from being. */
  finished(): Promise<void> {
    return this.#commands.idle();
  }

  #make(directory: LoadDirectory): void {
    const { path, attributes, parent, made } = directory;
    this.#commands.add({
      operations: [{ kind: 'mkdir', path, parents: true, attributes }],
      needs: parent?.made,
      meets: made,
      settled: (results) => {
        if (parent !== undefined) this.#settle(parent, path, results);
        else if (!this.#refused(path, results)) this.entries += 1;
        this.#finish(directory);
      },
    });
  }

  /** An entry of a directory is done with. */
  #settle(
    directory: LoadDirectory,
    path: ByteString,
    results: readonly OperationResult[] | undefined,
  ): void {
    directory.unacknowledged -= 1;
    // What could not be made below a directory that could not be made goes with that one.
    if (results !== undefined && !this.#refused(path, results)) this.entries += 1;
    this.#finish(directory);
  }

  /** Notes the refusal among the results, if there is one. */
  #refused(path: ByteString, results: readonly OperationResult[] | undefined): boolean {
    const refusal = results?.find((result) => typeof result !== 'number');
    if (refusal !== undefined) this.leftOut.add(refusalReason(refusal), path);
    return refusal !== undefined;
  }

  #finish(directory: LoadDirectory): void {
    if (!directory.complete) return;
    const { path, attributes } = directory;
    this.#commands.add({
      operations: [{ kind: 'setAttribute', path, attributes }],
      settled: (results) => this.#refused(path, results),
    });
  }

  /** Finds out what is there; the load goes on meanwhile. */
  async #compare(directory: LoadDirectory, name: ByteString, leaf: RealLeaf): Promise<void> {
    const path = childPath(directory.path, name);
    const release = this.#commands.hold();
    try {
      this.#update(directory, path, leaf, await this.#existing.find(directory.path, name));
    } catch (error) {
      if (error instanceof InodeAppError && isRefusalCode(error.code)) {
        this.#settle(directory, path, [[error.code, path]]);
      } else this.#commands.fail(error);
    }
    release();
  }

  #update(directory: LoadDirectory, path: ByteString, leaf: RealLeaf, there: Inode): void {
    const type = leaf.type === 'file' ? InodeType.File : InodeType.SymbolicLink;
    if (there.type !== type) {
      directory.unacknowledged -= 1;
      this.leftOut.add('something of another type is there already', path);
      this.#finish(directory);
      return;
    }
    this.#commands.add({
      operations: updateOperations(path, leaf, there),
      settled: (results) => {
        if (results?.every((result) => typeof result === 'number') === true) this.updated += 1;
        this.#settle(directory, path, results);
      },
    });
  }
}

function createOperation(path: ByteString, entry: RealLeaf): Operation {
  const { attributes } = entry;
  return entry.type === 'file'
    ? { kind: 'create', path, attributes }
    : { kind: 'symlink', path, target: entry.target, attributes };
}

/** A link's target never changes, so one that points elsewhere now is made anew. */
function updateOperations(path: ByteString, entry: RealLeaf, there: Inode): readonly Operation[] {
  if (entry.type === 'symlink' && entry.target !== there.target) {
    return [{ kind: 'delete', path, recursive: false }, createOperation(path, entry)];
  }
  return [{ kind: 'setAttribute', path, attributes: entry.attributes }];
}

function refusalReason([code]: readonly [code: string, path: ByteString]): string {
  if (code === 'ALREADY_EXISTS') return 'something of another type is there already';
  return isRefusalCode(code) ? refusalText(code) : code;
}
