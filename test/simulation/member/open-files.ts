import { connectionsWithin } from '@raft-ts/net';
import { keptFiles, MIN_CLIENTS } from 'inode-app/store';
import type { Random } from '../random.js';

/** Node, its threads, and what log and store keep open beside their tables. */
const OWN_FILES = 45;
/** Tables of a log and a store that nothing was written to, and how many a flush makes at most. */
const FIRST_TABLES = 2;
const FLUSHED_TABLES = 2;
/** With so many tables they are compacted: the outcome is written before they are closed. */
const COMPACTED_TABLES = 40;
const COMPACTION_SHARE = 1 / 4;

/** The least with which a master of so many members starts, whatever tables it will have. */
export function leastOpenFiles(members: number): number {
  return keptFiles(members, COMPACTED_TABLES + FLUSHED_TABLES) + MIN_CLIENTS;
}

export interface OpenFilesOptions {
  /** What the process may open. */
  readonly limit: number;
  readonly members: number;
  readonly random: Random;
  /** Connections that it has: members', clients', strangers'. */
  readonly connections: () => number;
  /** One could not be opened. */
  readonly onExhausted: (what: string) => void;
}

/** The files that a process has open: those of its log and store, and its connections. */
export class OpenFiles {
  readonly #options: OpenFilesOptions;
  #tables = FIRST_TABLES;

  constructor(options: OpenFilesOptions) {
    this.#options = options;
  }

  /** Clients that the product takes in with so many tables. */
  get maxClients(): number {
    const { limit, members } = this.#options;
    return connectionsWithin(limit, keptFiles(members, this.#tables));
  }

  /** Whether one more can be opened; `what`, for people. */
  open(what: string): boolean {
    const { limit, connections, onExhausted } = this.#options;
    if (OWN_FILES + this.#tables + connections() < limit) return true;
    onExhausted(what);
    return false;
  }

  /** The state is made durable in tables, and those that are many become few. */
  flush(): void {
    for (let left = this.#options.random.integer(1, FLUSHED_TABLES); left > 0; left--) {
      if (this.open('a table')) this.#tables++;
    }
    if (this.#tables < COMPACTED_TABLES) return;
    const before = this.#tables;
    for (let left = before * COMPACTION_SHARE; left > 0; left--) {
      if (this.open('a table that others are compacted into')) this.#tables++;
    }
    this.#tables -= before;
  }
}
