import type { Entry, LogBase, WriteEffect } from 'raft-ts/core';
import type { Parcel } from './parcel.js';

/** What a member's effects come to, when they are seen to at one moment. */
export class Work {
  /** To be sent. */
  readonly messages: Parcel[] = [];
  /** What the member's own threads are told to do, as it is printed. */
  readonly orders: string[] = [];
  readonly committed: Entry[] = [];
  /** Lines about reads and transfers that have ended. */
  readonly notes: string[] = [];
  /** Lines that are printed behind everything else. */
  readonly log: string[] = [];
  #entries: readonly Entry[] = [];
  #snapshot: LogBase | undefined;

  /** To be written; a later write replaces entries of an earlier one. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** The state that takes the place of what was there. */
  get snapshot(): LogBase | undefined {
    return this.#snapshot;
  }

  write({ base, entries }: WriteEffect): void {
    if (base !== undefined) {
      this.#snapshot = base;
      this.#entries = [];
    }
    const first = entries[0];
    if (first === undefined) return;
    this.#entries = [...this.#entries.filter(({ index }) => index < first.index), ...entries];
  }
}
