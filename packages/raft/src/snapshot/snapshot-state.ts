import type { LogBase } from '../core/log/log-state.js';
import type { SnapshotManifest } from './snapshot-block.js';
import { type SnapshotParts, type SnapshotWriting, writeSnapshotFile } from './snapshot-file.js';
import type { SnapshotContents, SnapshotHeader } from './snapshot-header.js';

/** A state of one moment, that can be written while the state machine goes on. */
export interface SnapshotState extends AsyncDisposable {
  /** Of which moment; `Replica.baseAt` tells it. */
  readonly base: LogBase;
  readonly contents: SnapshotContents;
  /** Makes the file of `header` and this state at `path`, as `writeSnapshotFile` does. */
  write(path: string, header: SnapshotHeader, writing: SnapshotWriting): Promise<SnapshotManifest>;
}

/** Where a member's own state comes from. */
export interface SnapshotSupply {
  /**
   * Takes hold of the state as it is, if that is as of `index` or later; undefined, soon, where this
   * member has not come so far yet: then it is asked again.
   */
  take(index: number, signal: AbortSignal): Promise<SnapshotState | undefined>;

  /** About how many bytes a file of the state takes, for whoever looks first whether there is room. */
  estimatedBytes?(): Promise<number>;
}

/** A state whose parts can be read on this thread. `release` is called once it is not needed any more. */
export function stateOf(
  base: LogBase,
  parts: SnapshotParts,
  release: () => void | Promise<void> = () => {},
): SnapshotState {
  return {
    base,
    contents: 'rows' in parts ? 'rows' : 'chunks',
    write: (path, header, writing) => writeSnapshotFile(path, header, parts, writing),
    [Symbol.asyncDispose]: async () => release(),
  };
}
