import { join } from 'node:path';
import { connectionsWithin, pause, systemClock } from '@raft-ts/net';
import { countTables, logPath } from 'raft-ts/rocksdb';
import { InodeAppError } from '../errors.js';
import type { LogLine } from './log-lines.js';
import { STORE_NAME } from './open-tree.js';

// What a master keeps of the files that its process may open (`ulimit -n`); clients get the rest.

/** Node, its threads, and the files of log and store that are no tables: some 45 by measurement. */
const OWN_FILES = 64;
/** To and from each other member, a new one in its place, and one each way that asks for the time. */
const FILES_A_MEMBER = 5;
/** Connections of members whose address is not known, and of those that have not said who they are. */
const MAX_UNKNOWN_MEMBERS = 8;
const MAX_UNGREETED_MEMBERS = 16;
/** Connections of clients that have not greeted. */
const MAX_UNGREETED_CLIENTS = 32;
/** Tables that appear before the next look, those that are being compacted included. */
const SPARE_TABLES = 64;
const SPARE_TABLES_SHARE = 1 / 4;
/** A master that could serve fewer clients does not start. */
const MIN_CLIENTS = 16;

/** Where clients get less than this part of all files, it is worth a line. */
const SCARCE_SHARE = 1 / 8;
/** Between two looks at the tables, milliseconds. */
export const TABLES_CHECK_MS = 5_000;

/** Of the members' port and of the clients' port. */
export const MEMBER_CONNECTIONS = {
  maxUngreeted: MAX_UNGREETED_MEMBERS,
  maxUnknownMembers: MAX_UNKNOWN_MEMBERS,
};
export const CLIENT_CONNECTIONS = { maxUngreeted: MAX_UNGREETED_CLIENTS };

/** Files that are kept from clients, in a cluster of so many members and with so many tables. */
export function keptFiles(members: number, tables: number): number {
  const connections =
    members * FILES_A_MEMBER + MAX_UNKNOWN_MEMBERS + MAX_UNGREETED_MEMBERS + MAX_UNGREETED_CLIENTS;
  return OWN_FILES + connections + tables + SPARE_TABLES + Math.ceil(tables * SPARE_TABLES_SHARE);
}

/** How the files that this process may open are shared out. */
export interface OpenFiles {
  /** What it may open. */
  readonly limit: number;
  /** Those of log and store. */
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
    [logPath(directory), join(directory, STORE_NAME)].map(countTables),
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
  readonly members: number;
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
    const next = await shareOpenFiles(limit, directory, members).catch(() => undefined);
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
