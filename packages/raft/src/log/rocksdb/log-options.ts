import type { Identity } from './identity.js';

/** Where a log lies, whose it is, and how much memory it may take. */
export interface RocksLogStoreOptions extends Identity {
  /** The member's data directory; made when it is missing. */
  readonly directory: string;
  /** Ends opening early; the log is left as it was. */
  readonly signal?: AbortSignal;
  /** Default 1 MiB; three groups of this size are held in memory. */
  readonly groupBytes?: number;
  /** Default 32 MiB. */
  readonly memtableBudgetBytes?: number;
  /** Default 8 MiB. */
  readonly blockCacheBytes?: number;
}
