import { argumentInvalid, type InodeAppError } from '../errors.js';
import { MAX_INODE_ID, MAX_OPERATIONS_PER_COMMAND } from '../namespace/limits.js';
import { FLAG } from '../namespace/message-form.js';
import { NEVER_AGAIN } from '../namespace/mounts/mount.js';
import {
  type NamespaceOperation,
  operationFromText,
} from '../namespace/operations/operation-table.js';
import type { ContentLocation } from '../namespace/queries/locate-content.js';
import type { SyncProgress } from '../namespace/queries/sync-path.js';
import { byteStringFromText, NO_BYTES, textFromByteString } from '../namespace/tree/byte-string.js';
import { isWhole } from '../namespace/tree/record-fault.js';
import { type Attributes, kindOf, pathFromText } from '../namespace/tree/text-to-bytes.js';
import { type ByteClient, operationRefusal } from './byte-client.js';
import { type CallOptions, signalAndFields, signalOf } from './check-arguments.js';
import { type ConnectOptions, connect } from './connect.js';
import { type EntryStatus, entryStatus, type NamedEntry } from './entry-status.js';
import { type FreshOptions, freshness } from './fresh-options.js';
import { type LockStatus, lockStatus, type MountStatus, mountStatus } from './mount-status.js';

/** What one operation of a batch came to: the id of the inode it was about, or why not. */
export type OperationOutcome = { readonly id: number } | { readonly error: InodeAppError };

export type { SyncProgress } from '../namespace/queries/sync-path.js';
export type { CallOptions } from './check-arguments.js';

/** How a storage is mounted. */
export interface MountDescription {
  /** Of the credentials that each master has in its own configuration. */
  readonly profile: string;
  /** Changes through the tree are refused. False by default. */
  readonly readOnly: boolean;
  /** It may overlap with places that are mounted elsewhere. False by default. */
  readonly shared: boolean;
  /** How old what is known may be, milliseconds; 0: look each time; -1, the default: never look again. */
  readonly syncIntervalMs: number;
  /** Of the storage's driver, by name. Secrets belong into a profile. */
  readonly options: Readonly<Record<string, string>>;
}

/** Where the content of a file is. */
export type FileLocation = Omit<ContentLocation, 'location' | 'fingerprint'> & {
  /** A path on every machine that reaches the storage, or a URL. */
  readonly location: string;
  readonly fingerprint: string;
};

/**
 * The tree of a running cluster, for programs. Paths are absolute and normal text (`/a/b`); bytes
 * that are no UTF-8 stand as lone surrogates U+DC80 to U+DCFF. Symbolic links are not followed.
 *
 * Every change takes effect once and every read sees all that was acknowledged before it. Calls
 * reject with an InodeAppError: the tree's refusal, UNAVAILABLE (nothing was changed) or, for
 * changes, OUTCOME_UNKNOWN; and for values that mean nothing PATH_INVALID, ATTRIBUTE_INVALID, which
 * names attribute and limit, or ARGUMENT_INVALID. Many calls can be on their way at once.
 */
export class NamespaceClient implements AsyncDisposable {
  readonly #client: ByteClient;

  /** Throws ARGUMENT_INVALID. */
  constructor(options: ConnectOptions) {
    this.#client = connect(options);
  }

  /** Makes a directory; its id. */
  mkdir(
    path: string,
    options: CallOptions & { readonly parents?: boolean; readonly attributes?: Attributes } = {},
  ): Promise<number> {
    return this.#runOne({ kind: 'mkdir', path }, options);
  }

  /** Makes a file; its id. */
  create(
    path: string,
    options: CallOptions & { readonly attributes?: Attributes } = {},
  ): Promise<number> {
    return this.#runOne({ kind: 'create', path }, options);
  }

  /** Makes a symbolic link to `target`, which is kept as it is; its id. */
  symlink(
    target: string,
    path: string,
    options: CallOptions & { readonly attributes?: Attributes } = {},
  ): Promise<number> {
    return this.#runOne({ kind: 'symlink', path, target }, options);
  }

  /** Moves an entry, with all below it, to a path where nothing is; its id. */
  rename(source: string, destination: string, options: CallOptions = {}): Promise<number> {
    return this.#runOne({ kind: 'rename', source, destination }, options);
  }

  /** Deletes an entry; a directory that has entries only when `recursive`. The id it had. */
  delete(
    path: string,
    options: CallOptions & { readonly recursive?: boolean } = {},
  ): Promise<number> {
    return this.#runOne({ kind: 'delete', path }, options);
  }

  /** Changes the attributes that are given; the entry's id. */
  setAttribute(path: string, attributes: Attributes, options: CallOptions = {}): Promise<number> {
    return this.#runOne({ kind: 'setAttribute', path, attributes }, options);
  }

  /**
   * Carries out 1 to 1,024 operations in order, in one step. Each has an outcome of its own: a
   * refused one does not keep the others back.
   */
  async batch(
    operations: readonly NamespaceOperation[],
    options: CallOptions = {},
  ): Promise<readonly OperationOutcome[]> {
    const signal = signalOf(options);
    const count = Array.isArray(operations) ? operations.length : 0;
    if (count === 0 || count > MAX_OPERATIONS_PER_COMMAND) {
      throw argumentInvalid(
        `a batch is an array of 1 to ${MAX_OPERATIONS_PER_COMMAND} operations, not ${count}`,
      );
    }
    const command = Array.from(operations, (each) => operationFromText(each));
    const results = await this.#client.run(command, signal);
    return command.map((operation, at) => {
      const result = results[at] ?? 0;
      return typeof result === 'number'
        ? { id: result }
        : { error: operationRefusal(operation, result) };
    });
  }

  /**
   * Says that the content of a file in a mount was written: `size` bytes are there, and with a `fingerprint` it has to be
   * that one. The file's id. Rejects with CONTENT_DIFFERS where the storage says otherwise.
   */
  complete(
    path: string,
    content: { readonly size: number; readonly fingerprint?: string },
    options: CallOptions = {},
  ): Promise<number> {
    const fingerprint = content?.fingerprint ?? '';
    return this.#runOne({ ...content, fingerprint, kind: 'complete', path }, options);
  }

  /** Where the content of a file in a mount is read, or that of an incomplete one is written. */
  async location(
    path: string,
    purpose: 'read' | 'write',
    options: CallOptions = {},
  ): Promise<FileLocation> {
    if (purpose !== 'read' && purpose !== 'write') {
      throw argumentInvalid('what a location is for must be "read" or "write"');
    }
    const found = await this.#client.location(pathFromText(path), purpose, signalOf(options));
    return {
      ...found,
      location: textFromByteString(found.location),
      fingerprint: textFromByteString(found.fingerprint),
    };
  }

  /**
   * Makes a directory a place in another storage system; the id of the mount. Nothing is at the path before, or an empty
   * directory. Rejects with STORAGE_INVALID, STORAGE_UNREACHABLE and others where the storage can't be used, and with
   * MOUNT_OVERLAPS where the place is mounted already.
   */
  async mount(
    path: string,
    uri: string,
    options: CallOptions & Partial<MountDescription> = {},
  ): Promise<number> {
    const [signal, fields] = signalAndFields(options);
    const { profile = '', readOnly = false, shared = false, ...others } = fields;
    const { syncIntervalMs = NEVER_AGAIN, options: own = {}, ...unknown } = others;
    const operation = { path, uri, place: '', profile, readOnly, shared, syncIntervalMs };
    const asked = operationFromText({ kind: 'mount', ...operation, options: own, ...unknown });
    if (asked.kind !== 'mount') throw argumentInvalid('`kind` is no option of a mount');
    const named = await this.#client.namedPlace(asked, signal);
    return await this.#client.runOne({ ...asked, ...named }, signal);
  }

  /**
   * Takes a mount out of the tree; nothing changes in the storage. With `force` also while changes are under way there,
   * whose outcome nobody will know then. The id that the mount had.
   */
  async unmount(
    path: string,
    options: CallOptions & { readonly force?: boolean } = {},
  ): Promise<number> {
    const [signal, { force = false, ...others }] = signalAndFields(options);
    signalOf(others);
    return await this.#client.unmount(pathFromText(path), FLAG.fromText(force, 'force'), signal);
  }

  /**
   * Changes what is given of a mount. Of a path within one only `syncIntervalMs` can be given; 'inherit' takes it back.
   * The id of the mount.
   */
  updateMount(
    path: string,
    changes: Partial<Omit<MountDescription, 'shared' | 'syncIntervalMs'>> & {
      readonly syncIntervalMs?: number | 'inherit';
    },
    options: CallOptions = {},
  ): Promise<number> {
    return this.#runOne({ ...changes, kind: 'updateMount', path }, options);
  }

  /** All mounts, and how it is with their storages. */
  async mounts(options: CallOptions = {}): Promise<readonly MountStatus[]> {
    return (await this.#client.mounts(signalOf(options))).map(mountStatus);
  }

  /** Who holds edges of the tree and who waits for some, while operations take their time in storages. */
  async locks(options: CallOptions = {}): Promise<readonly LockStatus[]> {
    return (await this.#client.locks(signalOf(options))).map(lockStatus);
  }

  /**
   * Looks into the storage of a mount now, whatever its interval: at a path, with `recursive` also at all below it.
   * `onProgress` is told about each second how far that is.
   */
  async sync(
    path: string,
    options: CallOptions & {
      readonly recursive?: boolean;
      readonly onProgress?: (progress: SyncProgress) => void;
    } = {},
  ): Promise<SyncProgress> {
    const [signal, { recursive = false, onProgress, ...others }] = signalAndFields(options);
    signalOf(others);
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw argumentInvalid('onProgress must be a function');
    }
    const asked = { recursive: FLAG.fromText(recursive, 'recursive'), onProgress };
    return await this.#client.sync(pathFromText(path), asked, signal);
  }

  /** The inode at a path. */
  async getStatus(path: string, options: CallOptions & FreshOptions = {}): Promise<EntryStatus> {
    const [signal, fields] = signalAndFields(options);
    const fresh = freshness(fields);
    return entryStatus(await this.#client.getStatus(pathFromText(path), signal, fresh));
  }

  /** The inode with an id, and its path at that moment. */
  async getStatusById(
    id: number,
    options: CallOptions = {},
  ): Promise<EntryStatus & { readonly path: string }> {
    const signal = signalOf(options);
    if (typeof id !== 'number' || !isWhole(id, 1, MAX_INODE_ID)) {
      const given = typeof id === 'number' ? id : kindOf(id);
      throw argumentInvalid(`id must be a whole number from 1 to ${MAX_INODE_ID}, not ${given}`);
    }
    const { inode, path } = await this.#client.getStatusById(id, signal);
    return { ...entryStatus(inode), path: textFromByteString(path) };
  }

  /**
   * The entries of a directory in the byte order of their names, behind `after`. Each page of up
   * to 1,000 is from one moment; the next is fetched when it is asked for.
   */
  async *list(
    path: string,
    options: CallOptions & FreshOptions & { readonly after?: string } = {},
  ): AsyncGenerator<NamedEntry, void> {
    const [signal, { after, ...others }] = signalAndFields(options);
    const fresh = freshness(others);
    const directory = pathFromText(path);
    const behind = typeof after === 'string' ? byteStringFromText(after) : NO_BYTES;
    if (behind === undefined || (after !== undefined && typeof after !== 'string')) {
      throw argumentInvalid('`after` must be a text that stands for a name');
    }
    for await (const entry of this.#client.entries(directory, behind, { signal, fresh })) {
      yield { name: textFromByteString(entry.name), ...entryStatus(entry.inode) };
    }
  }

  /** Ends calls that wait, and closes connections. Safe to call twice. */
  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #runOne(operation: NamespaceOperation, options: CallOptions): Promise<number> {
    const [signal, fields] = signalAndFields(options);
    return await this.#client.runOne(operationFromText({ ...fields, ...operation }), signal);
  }
}
