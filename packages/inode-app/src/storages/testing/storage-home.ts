import type { Storage, StorageCredentials, StorageDriver, StorageOptions } from '../storage.js';
import type { OddName } from './odd-names.js';

/** A place for one case, empty at first, and what the case does behind the storage's back. */
export interface StorageHome {
  readonly driver: StorageDriver;
  readonly uri: string;
  readonly options: StorageOptions;
  readonly credentials: StorageCredentials;

  /** Odd names that `pathFault` refuses; all others must be held. */
  readonly refusedNames: readonly OddName[];
  /** Odd names that this server, and not its protocol, can't hold: they are not tried. */
  readonly untriedNames?: readonly OddName[];

  /** Set where the storage moves and removes directories in one step, uncounted, and copies nothing (UNSUPPORTED). */
  readonly inOneStep?: true;

  /** Opens a place that is missing. */
  openMissing(): Promise<Storage>;
  /** Opens a place whose server is not there; left out for a storage without servers. */
  openUnreachable?(): Promise<Storage>;

  /** Makes or replaces a file, and the directories above it, as somebody else would. */
  writeFile(path: string, content: string): Promise<void>;
  /** Makes a symbolic link; left out for a storage that has none. */
  makeSymlink?(path: string, target: string): Promise<void>;

  /** Removes everything. Called once, after all storages were closed. */
  remove(): Promise<void>;
}

/** One test of the suite, for whatever test runner is used. */
export interface StorageComplianceCase {
  readonly name: string;
  /** Rejects when the storage breaks its contract. */
  run(): Promise<void>;
}
