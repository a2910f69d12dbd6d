import { isSessionRow } from '@raft-ts/statemachine';
import { writeCommits } from './commit-stretches.js';
import { outlivesCluster } from './mount-rows.js';
import type { RowBatch } from './ordered-rows.js';
import { RowKind, STATE_KEY, writeNumberedKey } from './row-keys.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';
import { readTreeState } from './state-row.js';

const KEY_BYTES = 16;

/**
 * The rows of a tree as another cluster begins with them. Sessions stay behind: a client of the former
 * cluster has to learn that what it was told may not be here. Nor is what was under way in storages gone on with: by now
 * it was carried out, and what it would meet is something else. All commits are one stretch.
 */
export class RestoredRows {
  readonly #batch: RowBatch;
  #appliedIndex: number | undefined;

  constructor(batch: RowBatch) {
    this.#batch = batch;
  }

  /** Throws DATA_CORRUPT or DATA_FOREIGN for a state that can't be read. */
  add(key: Buffer, value: Buffer): void {
    if (key[0] === RowKind.Commits) return;
    if (key[0] === RowKind.Mounts && !outlivesCluster(key)) return;
    if (key[0] === RowKind.Framework && isSessionRow(key.subarray(1))) return;
    if (STATE_KEY.length === key.length && key[0] === RowKind.State) {
      this.#appliedIndex = readTreeState(new RowReader(), value).appliedIndex;
    }
    this.#batch.put(key, value);
  }

  /** Once all were added: up to which entry of the log they go; undefined where they do not say it. */
  end(): number | undefined {
    const index = this.#appliedIndex;
    if (index !== undefined && index > 0) {
      const key = writeNumberedKey(new RowWriter(KEY_BYTES), RowKind.Commits, 1);
      this.#batch.put(key, writeCommits(new RowWriter(KEY_BYTES), index));
    }
    return index;
  }
}
