import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { callback, completeOptions, type OptionsForm } from '@raft-ts/net/options';
import type { LogBase } from '../../core/log/log-state.js';
import { optionsInvalid } from '../../errors.js';
import { hasCode } from '../../rocksdb/caught-error.js';
import type { RocksDatabase } from '../../rocksdb/database.js';
import type { SnapshotState, SnapshotSupply } from '../snapshot-state.js';
import { RocksSnapshotRows } from './rocks-snapshot-rows.js';

export interface RocksSnapshotSupplyOptions {
  /** The database that is the state, as it is open now. */
  readonly database: () => RocksDatabase;
  /** What the log goes on with behind the state as it is (`Replica.baseAt`); undefined where it is none. */
  readonly base: () => LogBase | undefined;
  /** Runs `work` while nothing writes to the database: some milliseconds. */
  readonly whileNothingIsApplied: <T>(work: () => Promise<T>) => Promise<T>;
}

const optionsForm: OptionsForm<RocksSnapshotSupplyOptions, Record<never, never>> = {
  fields: { database: callback(), base: callback(), whileNothingIsApplied: callback() },
  defaults: {},
};

/** All rows of a RocksDB database as the state that a member hands out. */
export class RocksSnapshotSupply implements SnapshotSupply {
  readonly #options: RocksSnapshotSupplyOptions;
  /** Threads that have the database open. */
  readonly #threads = new Set<Promise<RocksSnapshotRows>>();

  /** Throws OPTIONS_INVALID. */
  constructor(options: RocksSnapshotSupplyOptions) {
    this.#options = completeOptions(optionsForm, options, optionsInvalid);
  }

  async take(index: number): Promise<SnapshotState | undefined> {
    const { base, database, whileNothingIsApplied } = this.#options;
    if (!reaches(base(), index)) return undefined;
    const starting = RocksSnapshotRows.start(database());
    this.#threads.add(starting);
    const end = async () => {
      await endOf(starting);
      this.#threads.delete(starting);
    };
    try {
      const rows = await starting;
      const state = await whileNothingIsApplied(async () => {
        const now = base();
        return reaches(now, index) ? await rows.hold(now) : undefined;
      });
      if (state !== undefined) return { ...state, [Symbol.asyncDispose]: end };
    } catch (error) {
      await end();
      throw error;
    }
    await end();
    return undefined;
  }

  /** The database is not compressed, and a snapshot has less beside its rows. */
  async estimatedBytes(): Promise<number> {
    return await filesBytes(this.#options.database().directory);
  }

  /** Gives up what is being read: before the database is closed. */
  async release(): Promise<void> {
    await Promise.all([...this.#threads].map(endOf));
  }
}

function reaches(base: LogBase | undefined, index: number): base is LogBase {
  return base !== undefined && base.index >= index;
}

/** Also of one that could not start. */
async function endOf(starting: Promise<RocksSnapshotRows>): Promise<void> {
  const rows = await starting.catch(() => undefined);
  await rows?.[Symbol.asyncDispose]();
}

/** Files come and go while RocksDB works. */
async function filesBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    try {
      bytes += (await stat(join(directory, name))).size;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  return bytes;
}
