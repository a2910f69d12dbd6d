import type { MountCondition } from '../namespace/mounts/mount-condition.js';
import type { LockReport } from '../namespace/queries/list-locks.js';
import type { MountReport } from '../namespace/queries/list-mounts.js';
import { textFromByteString } from '../namespace/tree/byte-string.js';

/** A mount, and how it is with its storage, for programs and `--json`. */
export interface MountStatus {
  readonly id: number;
  /** The directory of the tree. */
  readonly path: string;
  /** The storage, in the form that its driver writes. */
  readonly uri: string;
  /** Of the credentials in each master's own configuration; undefined for none. */
  readonly profile: string | undefined;
  readonly readOnly: boolean;
  readonly shared: boolean;
  /** Milliseconds; 0: looked at each time; -1: never again. */
  readonly syncIntervalMs: number;
  readonly options: Readonly<Record<string, string>>;
  /** Paths within it that have an interval of their own. */
  readonly intervals: readonly { readonly path: string; readonly syncIntervalMs: number }[];
  /** Inodes of it in the tree; those of deleted directories count until they are given back. */
  readonly entries: number;
  /** As the leader has found the storage; undefined where it has not used it. */
  readonly condition: MountCondition | undefined;
}

export function mountStatus({ mount, entries, condition }: MountReport): MountStatus {
  const { id, path, uri, profile, readOnly, shared, syncIntervalMs, options, intervals } = mount;
  return {
    id,
    path: textFromByteString(path),
    uri: textFromByteString(uri),
    profile: profile === '' ? undefined : textFromByteString(profile),
    readOnly,
    shared,
    syncIntervalMs,
    options: Object.fromEntries(
      options.map(([name, value]) => [textFromByteString(name), textFromByteString(value)]),
    ),
    intervals: intervals.map(([each, interval]) => ({
      path: textFromByteString(each),
      syncIntervalMs: interval,
    })),
    entries,
    condition,
  };
}

/** Whoever holds edges of the tree, or waits for some, for programs and `--json`. */
export interface LockStatus {
  /** What it does: `rename`, `sync`. */
  readonly kind: string;
  readonly path: string;
  readonly state: string;
  /** Milliseconds for which it is held, or has waited. */
  readonly forMs: number;
  /** Edges that nobody else may use, nor anything below. */
  readonly write: readonly string[];
  /** What has to end first. */
  readonly waitingFor: string | undefined;
}

export function lockStatus({ path, write, ...others }: LockReport): LockStatus {
  return { ...others, path: textFromByteString(path), write: write.map(textFromByteString) };
}
