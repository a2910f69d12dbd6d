import { join } from 'node:path';
import { connectionsWithin, pause, systemClock } from '@raft-ts/net';
import { countTables, logPath } from 'raft-ts/rocksdb';
import { InodeAppError } from '../errors.js';
import { keptFiles, MIN_CLIENTS } from '../store/kept-files.js';
import type { LogLine } from './log-lines.js';
import { STORE_NAME } from './store-name.js';
import { RECEIVED_NAME } from './tree-state.js';

/** Where clients get less than this part of all files, it is worth a line. */
const SCARCE_SHARE = 1 / 8;

/** How the files that this process may open are shared out. */
export interface OpenFiles {
  /** What it may open. */
  readonly limit: number;
  /** Those of log and store, and of a tree that is received. */
  readonly tables: number;
  readonly maxClients: number;
}

/** By the tables that lie in `directory` now. */
export async function shareOpenFiles(
  limit: number,
  directory: string,
  members: number,
): Promise<OpenFiles> {
  const counts = await Promise.all(
    [logPath(directory), join(directory, STORE_NAME), join(directory, RECEIVED_NAME)].map(
      countTables,
    ),
  );
  const tables = counts.reduce((sum, count) => sum + count, 0);
  return { limit, tables, maxClients: connectionsWithin(limit, keptFiles(members, tables)) };
}

/** Throws OPEN_FILES_TOO_FEW where they don't do for serving. */
export function checkOpenFiles({ limit, tables }: OpenFiles, members: number): void {
  const needed = keptFiles(members, tables) + MIN_CLIENTS;
  if (limit >= needed) return;
  throw new InodeAppError(
    'OPEN_FILES_TOO_FEW',
    `this process may open ${limit} files, and a master with ${tables} tables needs ${needed}: raise the limit (ulimit -n, LimitNOFILE of a systemd unit)`,
  );
}

interface WatchOpenFilesOptions {
  readonly directory: string;
  /** How many there are now. */
  readonly members: () => number;
  readonly now: OpenFiles;
  /** So many clients may be connected from now on. */
  readonly limitClients: (maxClients: number) => void;
  readonly log: LogLine;
  readonly checkMs: number;
  readonly signal: AbortSignal;
}

/** The tables come first: what they need, clients don't get, or have to give back. */
export async function watchOpenFiles(options: WatchOpenFilesOptions): Promise<void> {
  const { directory, members, limitClients, log, checkMs, signal } = options;
  const { limit } = options.now;
  let { maxClients } = options.now;
  for (;;) {
    await pause(systemClock, checkMs, signal);
    if (signal.aborted) return;
    // What can't be counted now is counted later.
    const next = await shareOpenFiles(limit, directory, members()).catch(() => undefined);
    if (next === undefined || next.maxClients === maxClients) continue;
    limitClients(next.maxClients);
    if (next.maxClients < maxClients && next.maxClients < limit * SCARCE_SHARE) {
      log(
        `${next.tables} tables leave room for ${next.maxClients} clients of the ${limit} files that this process may open: raise the limit (ulimit -n)`,
      );
    }
    maxClients = next.maxClients;
  }
}
