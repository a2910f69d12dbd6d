import {
  abortSignal,
  callback,
  type OptionsForm,
  oneOf,
  optional,
  text,
  yesOrNo,
} from '@raft-ts/net/options';
import { memberId } from '../../core/options.js';
import { budgetBytes } from '../../rocksdb/database-options.js';
import type { Identity } from './identity.js';

/** Where a log lies, whose it is, and how much memory it may take. */
export interface RocksLogStoreOptions extends Identity {
  /** The member's data directory; made when it is missing. */
  readonly directory: string;
  /** Ends opening early; the log is left as it was. */
  readonly signal?: AbortSignal;
  /**
   * What happens to a log that is damaged, or lacks what was acknowledged. refuse, the default:
   * opening fails with LOG_CORRUPT. replace: it is moved aside (the newest three are kept as
   * `log.damaged-1`, `-2`, ...) and an empty one takes its place, whose hard state has the last
   * term and vote where they are still known, and a `recovery`, for the member has to be brought up
   * to date before it counts for anything. A directory whose `identity` can't be read is refused in
   * any case: nobody knows whose it is.
   */
  readonly onDamage?: 'refuse' | 'replace';
  /**
   * With `onDamage: 'replace'`: what was found wrong with the log while it was in use. It is replaced
   * whatever opening finds: a compaction reads blocks that no read of the log needs.
   */
  readonly knownDamage?: string;
  /**
   * The directory was this member's a moment ago. It is not made, and without `identity` it is refused
   * with LOG_CORRUPT: a disk that has vanished does not make a new member.
   */
  readonly existing?: boolean;
  /**
   * Told once a damaged log has been replaced: what was wrong with it, and where it is kept. What it
   * throws is uncaught, and the log opens.
   */
  readonly onReplaced?: (reason: string) => void;
  /** Default 32 MiB. */
  readonly memtableBudgetBytes?: number;
  /** Default 8 MiB. */
  readonly blockCacheBytes?: number;
}

/** Entries lie in memory so long before they go to files; see RocksDatabaseOptions. */
const DEFAULT_MEMTABLE_BUDGET_BYTES = 32 * 1024 * 1024;
/** Old entries are read in sequence, so caching them gains little. */
const DEFAULT_BLOCK_CACHE_BYTES = 8 * 1024 * 1024;

type Defaults = Required<
  Pick<RocksLogStoreOptions, 'onDamage' | 'existing' | 'memtableBudgetBytes' | 'blockCacheBytes'>
>;

const defaults: Defaults = {
  onDamage: 'refuse',
  existing: false,
  memtableBudgetBytes: DEFAULT_MEMTABLE_BUDGET_BYTES,
  blockCacheBytes: DEFAULT_BLOCK_CACHE_BYTES,
};

export const logOptionsForm: OptionsForm<RocksLogStoreOptions, Defaults> = {
  fields: {
    directory: text,
    clusterId: text,
    memberId,
    signal: optional(abortSignal),
    onDamage: oneOf('refuse', 'replace'),
    knownDamage: optional(text),
    existing: yesOrNo,
    onReplaced: optional(callback()),
    memtableBudgetBytes: budgetBytes,
    blockCacheBytes: budgetBytes,
  },
  defaults,
};

/** With the defaults of what is not given. */
export type CompleteLogOptions = RocksLogStoreOptions & Defaults;
