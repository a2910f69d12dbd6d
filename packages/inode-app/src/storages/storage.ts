/**
 * A place in a storage system that holds files: a directory of a file system, a prefix of a bucket.
 *
 * Paths are relative to the place: names joined by `/`, without one at either end; `''` is the place itself.
 * Names and paths are text in which bytes that are no UTF-8 stand as the lone surrogates U+DC80 to U+DCFF.
 *
 * Every method rejects with `StorageError` (storage-error.ts), and with the signal's reason once that is aborted:
 * - with UNSUPPORTED for a path that has a fault (`pathFault`);
 * - with NOT_FOUND where the place itself is missing: a file system that is not mounted or a bucket that was deleted
 *   is never taken for an empty one;
 * - with UNREACHABLE once the storage is closed.
 *
 * A path through something that is no directory (a file, a symbolic link) leads nowhere: nothing is there, and nothing
 * can be made there (NOT_A_DIRECTORY). None tries again, waits in a queue or remembers what it found: whoever uses a
 * storage does that, equally for all.
 */
export interface Storage extends AsyncDisposable {
  /** What the storage can do and the rules must know. */
  readonly abilities: StorageAbilities;

  /** What is at a path; undefined where the storage says that nothing is: never because it did not answer. */
  stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined>;

  /**
   * The entries of a directory, each once, in pages of any order and at most `MAX_STORAGE_PAGE`; memory does not
   * grow with the directory beyond `MAX_LISTING_BYTES`. Rejects with NOT_FOUND or NOT_A_DIRECTORY.
   */
  list(path: string, signal: AbortSignal): AsyncIterable<StoragePage>;

  /**
   * Why the storage can't hold a path, in words; undefined where it can. Asks nobody. None holds an empty name, `.`,
   * `..`, NUL, or a name of more than `MAX_NAME_BYTES`.
   */
  pathFault(path: string): string | undefined;

  /**
   * Makes a directory in one that exists. Rejects with ALREADY_EXISTS whatever is there; with NOT_FOUND or
   * NOT_A_DIRECTORY for the one that it is to be in.
   */
  makeDirectory(path: string, signal: AbortSignal): Promise<void>;

  /**
   * Removes a file, a symbolic link or an empty directory. With `recursive` all that is below goes too, in steps where
   * the storage has no other way: interrupted, or after a failure, some of it is gone. Links are not followed.
   * The directory that it was in stays, empty or not. Rejects with NOT_FOUND, or NOT_EMPTY; with UNSUPPORTED for the
   * place itself.
   */
  remove(path: string, options: RemoveOptions, signal: AbortSignal): Promise<void>;

  /**
   * Moves an entry, with all below it, to a path in a directory that exists and where nothing is, in one step. Rejects
   * with NOT_FOUND or ALREADY_EXISTS; with NOT_FOUND or NOT_A_DIRECTORY for the directory that it is to be in; with
   * UNSUPPORTED for the place itself, for a destination below the source, and where this entry can't be moved in one
   * step: always unless `abilities.renames` says so for its type, and else where the storage finds that it lies
   * elsewhere (another file system, an encryption zone).
   */
  rename(source: string, destination: string, signal: AbortSignal): Promise<void>;

  /**
   * Copies an entry with all below it, in steps: what is at the destination already and equal is passed by, so that
   * whoever was interrupted begins anew and goes on. For what can't be renamed in one step. Rejects with NOT_FOUND,
   * with ALREADY_EXISTS where something else is at the destination, which stays as it is, and otherwise as `rename`.
   */
  copy(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Removes of `source` what `copy` brought to `destination`: what is not there, or otherwise, stays. Resolves with how
   * many entries stayed, not counting directories that stay for what is in them; 0 where there is no source any more.
   */
  removeCopied(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<number>;

  /**
   * Where the content of a file is read from or written to, by whoever has no access of its own. Whether there is a
   * file to read, or a directory to write in, is told by whoever goes there. Rejects with IS_A_DIRECTORY for the place.
   */
  location(path: string, purpose: LocationPurpose, signal: AbortSignal): Promise<StorageLocation>;

  /** Ends what is under way, and closes connections. Safe to call twice. */
  close(): Promise<void>;
}

/** Bytes of a name. */
export const MAX_NAME_BYTES = 255;
/** Entries in a page of a listing at most. */
export const MAX_STORAGE_PAGE = 1000;
/** Bytes of memory that one listing may take, where a storage can't give it page by page. */
export const MAX_LISTING_BYTES = 256 * 1024 * 1024;
/** Characters of a fingerprint. */
export const MAX_FINGERPRINT_CHARACTERS = 255;

export interface StorageAbilities {
  /** What it moves in one step; the rest is copied and removed. */
  readonly renames: { readonly files: boolean; readonly directories: boolean };
}

export interface RemoveOptions extends StepOptions {
  readonly recursive: boolean;
}

export interface StepOptions {
  /** Told after each step how many entries are done with in all. What it throws ends the method. */
  readonly onProgress?: (entries: number) => void;
}

export type StorageEntryType = 'directory' | 'file' | 'symlink';

/** What a storage says of one entry. */
export interface StorageEntry {
  /** The last name of its path; empty for the place itself. */
  readonly name: string;
  readonly type: StorageEntryType;
  /** Bytes of a file's content; 0 for others. */
  readonly size: number;
  /** Whole milliseconds since 1970; undefined where the storage does not keep it. */
  readonly modifiedMs: number | undefined;
  /** Permission bits, 0 to 0o7777; undefined where the storage has none. */
  readonly mode: number | undefined;
  /** Undefined where the storage has none. */
  readonly owner: string | undefined;
  readonly group: string | undefined;
  /** What a symbolic link points to; undefined for others. */
  readonly target: string | undefined;
  /**
   * Of a file: another one whenever its content is another one, as far as the storage can tell (an ETag; time and
   * size). Empty for others. At most `MAX_FINGERPRINT_CHARACTERS` of ASCII.
   */
  readonly fingerprint: string;
}

export interface StoragePage {
  readonly entries: readonly StorageEntry[];
  /** What is there and can't be an entry of the directory. */
  readonly skipped: readonly SkippedEntry[];
}

/** Something that the storage holds and no tree can: it is passed by, and never merged with another entry. */
export interface SkippedEntry {
  /** As the storage calls it. */
  readonly name: string;
  /** In words, behind its name. */
  readonly reason: string;
}

export type LocationPurpose = 'read' | 'write';

export interface StorageLocation {
  /** How the content is moved. */
  readonly kind: 'path' | 'url';
  /** A path on every machine that reaches the storage, or a URL. */
  readonly location: string;
  /** Of a URL: the method of the request; GET to read. */
  readonly method?: string;
  /** Milliseconds from now for which it is good; for ever where not given. */
  readonly validMs?: number;
}

/** How storages of one kind are opened. */
export interface StorageDriver {
  /** Of the URIs that it opens, without the colon: `s3`. */
  readonly scheme: string;
  /**
   * Understands a URI and options, and asks nobody. Throws StorageError INVALID: for an option that it does not know,
   * too, and for credentials in the URI.
   */
  parse(uri: string, options: StorageOptions): ParsedPlace;
  /** Opens a place. May connect when it is first used. Rejects with StorageError. */
  open(uri: string, options: StorageOptions, credentials: StorageCredentials): Promise<Storage>;
}

/** Options by name, as an operator gives them: never secrets, which come in credentials. */
export type StorageOptions = Readonly<Record<string, string>>;

/** What a profile holds, by name; undefined where the mount names none. Never in an error or a log. */
export type StorageCredentials = Readonly<Record<string, string>> | undefined;

export interface ParsedPlace {
  /** The URI in its one form. */
  readonly uri: string;
  /**
   * What the place is, without where the tree is mounted or how it is reached: two places overlap where one of these is
   * the other or a path above it, at a `/`.
   */
  readonly place: string;
}
