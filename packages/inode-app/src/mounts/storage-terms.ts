import { displayMessage } from '../display-names.js';
import type { NamespaceErrorCode } from '../errors.js';
import { type FoundEntry, foundFault, isEntryName } from '../namespace/mounts/found-entry.js';
import type { Mount } from '../namespace/mounts/mount.js';
import {
  type ByteString,
  byteStringFromText,
  NO_BYTES,
  sliceBytes,
  textFromByteString,
} from '../namespace/tree/byte-string.js';
import { type Failure, failure } from '../namespace/tree/failure.js';
import { InodeType } from '../namespace/tree/inode.js';
import { ROOT_PATH } from '../namespace/tree/path.js';
import type { StorageEntry } from '../storages/storage.js';
import type { StorageError, StorageErrorCode } from '../storages/storage-error.js';

/** What a path of the tree is called in the storage of its mount. */
export function pathInStorage({ path: point }: Pick<Mount, 'path'>, path: ByteString): string {
  if (path === point) return '';
  return textFromByteString(sliceBytes(path, point === ROOT_PATH ? 1 : point.length + 1));
}

const TYPES = {
  directory: InodeType.Directory,
  file: InodeType.File,
  symlink: InodeType.SymbolicLink,
} as const;

/** An entry of a storage in the tree's terms, or in words why it can't be one. */
export function foundEntry(entry: StorageEntry): FoundEntry | string {
  const target = bytesOf(entry.target ?? '');
  const owner = entry.owner === undefined ? undefined : bytesOf(entry.owner);
  const group = entry.group === undefined ? undefined : bytesOf(entry.group);
  const fingerprint = bytesOf(entry.fingerprint);
  if (target === undefined || fingerprint === undefined) return 'what is said of it is no text';
  const type = TYPES[entry.type];
  const found: FoundEntry = {
    type,
    mode: entry.mode,
    owner,
    group,
    size: type === InodeType.SymbolicLink ? target.length : entry.size,
    modifiedMs: entry.modifiedMs,
    target,
    fingerprint: type === InodeType.File ? fingerprint : NO_BYTES,
  };
  return foundFault(found) ?? found;
}

/** The name of an entry, or in words why no directory can hold it. */
export function entryName(name: string): { readonly name: ByteString } | string {
  const bytes = byteStringFromText(name);
  if (bytes === undefined) return 'its name stands for no bytes';
  return isEntryName(bytes) ? { name: bytes } : 'no directory can hold that name';
}

function bytesOf(text: string): ByteString | undefined {
  return byteStringFromText(text);
}

/** What the tree's clients are told. */
const CODES: Readonly<Record<StorageErrorCode, NamespaceErrorCode>> = {
  INVALID: 'STORAGE_INVALID',
  NOT_FOUND: 'NOT_FOUND',
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  NOT_A_DIRECTORY: 'NOT_A_DIRECTORY',
  IS_A_DIRECTORY: 'IS_A_DIRECTORY',
  NOT_EMPTY: 'DIRECTORY_NOT_EMPTY',
  FORBIDDEN: 'STORAGE_FORBIDDEN',
  UNSUPPORTED: 'NAME_UNSUPPORTED',
  FULL: 'STORAGE_FULL',
  BUSY: 'MOUNT_BUSY',
  UNREACHABLE: 'STORAGE_UNREACHABLE',
  FAILED: 'STORAGE_FAILED',
};

/** What a storage answered, or that it did not, as a refusal about a path. */
export function storageFailure(error: StorageError, path: ByteString): Failure {
  return failure(CODES[error.code], path, displayMessage(error.message));
}
