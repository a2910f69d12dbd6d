import type { Operation as TreeOperation } from 'inode-app/store';
import type { StoredFiles, Word } from '../storage/stored-files.js';
import type { Outcome } from './mount-session.js';
import type { Change, OwnFiles, Slot, Words } from './own-files.js';

/** How a change of a client's own files ended. */
export interface MountChange {
  readonly client: number;
  readonly change: Change;
  readonly outcome: Outcome;
}

/** A file of a client's own has no place in the storage for its content. */
export interface ContentRefused {
  readonly client: number;
  readonly operation: TreeOperation;
  readonly message: string;
}

/** Names in the directory of somebody's own files, as a client saw them in one moment. */
export interface OwnListed {
  readonly client: number;
  readonly own: OwnFiles;
  readonly names: readonly string[];
}

/** What a client saw of somebody's own files, in one moment of that time. */
export interface OwnSeen {
  readonly client: number;
  readonly own: OwnFiles;
  readonly slot: Slot;
  readonly seen: Words;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a client saw, from then on, of what somebody else changes. */
export interface OutsideSeen {
  readonly client: number;
  readonly path: string;
  readonly word: Word;
  /** How old that may be: milliseconds, 0, or -1 for whatever is known. */
  readonly syncIntervalMs: number;
  readonly fromMs: number;
}

/** What is there once nobody works in a mount any more, and all of its storage was looked at. */
export interface SettledMount {
  /** By path in the mount. */
  readonly tree: Words;
  readonly stored: Words;
  readonly owned: readonly OwnFiles[];
}

/** What properties may look at of a storage that is mounted. */
export type WatchedStorage = Pick<StoredFiles, 'wordsSince'>;
