import type { Entry, LogWrite, MemberId } from 'raft-ts';
import type { World } from '../property.js';

/** What the clocks of a leader showed when it proposed an entry. */
export interface Proposal {
  readonly leader: MemberId;
  readonly term: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
  /** Up to where it had applied its log. */
  readonly applied: number;
}

/** When entries were proposed: whoever hands one over first to a disk leads in its term. */
export class Proposals {
  readonly #world: World;
  readonly #known = new Map<string, Proposal>();

  constructor(world: World) {
    this.#world = world;
  }

  /** To be told of each write that is handed over. */
  handedOver(leader: MemberId, { entries }: LogWrite): void {
    for (const entry of entries) {
      const key = keyOf(entry);
      if (this.#known.has(key)) continue;
      const { clock, status } = this.#world.member(leader);
      this.#known.set(key, {
        leader,
        term: entry.term,
        monotonicMs: clock.monotonicMs(),
        wallMs: clock.wallMs(),
        applied: status?.applied ?? 0,
      });
    }
  }

  /** Of the entry that is committed at `index`. */
  at(index: number): Proposal | undefined {
    const entry = this.#world.committed[index - 1];
    return entry === undefined ? undefined : this.#known.get(keyOf(entry));
  }
}

function keyOf({ index, term }: Pick<Entry, 'index' | 'term'>): string {
  return `${index}/${term}`;
}
