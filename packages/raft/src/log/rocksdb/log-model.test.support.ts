import { type Entry, EntryType, type HardState } from '../../core/entry.js';
import type { LogState } from '../../core/log-state.js';
import type { LogStore, LogWrite } from '../log-store.js';
import { MemoryLogDisk } from '../memory-log-store.js';

/** What a log must hold after some writes. */
export class LogModel {
  readonly entries: Entry[] = [];
  hardState: HardState = { term: 0, votedFor: 0, commit: 0 };

  apply({ hardState, entries }: LogWrite): void {
    const first = entries[0];
    if (first !== undefined) this.entries.splice(first.index - 1);
    this.entries.push(...entries);
    this.hardState = hardState ?? this.hardState;
  }

  state(): LogState {
    const disk = new MemoryLogDisk();
    disk.entries.push(...this.entries);
    disk.hardState = this.hardState;
    return disk.state();
  }

  /** One string for the whole contents, to compare with `contentsOf`. */
  contents(): string {
    return describeContents(this.hardState, this.entries);
  }
}

export async function contentsOf(store: LogStore): Promise<string> {
  const { hardState, lastIndex } = store.initial;
  const entries = lastIndex === 0 ? [] : await store.read(1, lastIndex, Number.POSITIVE_INFINITY);
  return describeContents(hardState, entries);
}

function describeContents(hardState: HardState, entries: readonly Entry[]): string {
  const rows = entries.map(
    ({ index, term, type, data }) =>
      `${index} ${term} ${type} ${Buffer.from(data).toString('base64')}`,
  );
  return [JSON.stringify(hardState), ...rows].join('\n');
}

/** What a write does, in small numbers that a generator can choose and shrink. */
export interface WriteShape {
  /** Entries to append. */
  readonly count: number;
  /** Entries at the end that the write replaces, if it has any and there are so many. */
  readonly replaced: number;
  /** Added to the term. A write that replaces raises it by one more. */
  readonly termStep: number;
  readonly payloadBytes: number;
  /** 0: no hard state, else for whom this member votes. */
  readonly votedFor: number;
}

/** A write of this shape that fits behind `model`. */
export function writeOf(shape: WriteShape, model: LogModel): LogWrite {
  const replaced = shape.count > 0 ? Math.min(shape.replaced, model.entries.length) : 0;
  const lastTerm = Math.max(model.entries.at(-1)?.term ?? 1, model.hardState.term);
  const term = lastTerm + shape.termStep + (replaced > 0 ? 1 : 0);
  const first = model.entries.length - replaced + 1;
  const entries = Array.from({ length: shape.count }, (_, i) => ({
    index: first + i,
    term,
    type: EntryType.Command,
    data: Buffer.alloc(shape.payloadBytes, (first + i) % 251),
  }));
  if (shape.votedFor === 0) return { entries };
  const commit = Math.min(model.hardState.commit + 1, first - 1);
  return { hardState: { term, votedFor: voteIn(term, shape, model), commit }, entries };
}

/** One vote a term. */
function voteIn(term: number, shape: WriteShape, { hardState }: LogModel): number {
  return term === hardState.term && hardState.votedFor !== 0 ? hardState.votedFor : shape.votedFor;
}

/** The `i`th write of a fixed sequence in which everything happens now and then. */
export function nthShape(i: number): WriteShape {
  return {
    count: i % 5 === 4 ? 0 : (i % 7) + 1,
    replaced: i % 11 === 10 ? i % 9 : 0,
    termStep: i % 13 === 12 ? 1 : 0,
    payloadBytes: (i * 37) % 400,
    votedFor: i % 6 === 0 || i % 13 === 12 || i % 11 === 10 ? (i % 3) + 1 : 0,
  };
}
