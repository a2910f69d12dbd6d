import fc from 'fast-check';
import { EMPTY_HARD_STATE, type Entry, EntryType, type HardState } from '../../core/log/entry.js';
import { EMPTY_BASE, type LogBase, type LogState } from '../../core/log/log-state.js';
import { logStateOf } from '../../core/log/log-state-of.js';
import { EMPTY_CONFIGURATION } from '../../core/membership/configuration.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import type { LogStore, LogWrite } from '../log-store.js';

/** What a log must hold after some writes. */
export class LogModel {
  base: LogBase = EMPTY_BASE;
  entries: Entry[] = [];
  hardState: HardState = EMPTY_HARD_STATE;

  get lastIndex(): number {
    return this.entries.at(-1)?.index ?? this.base.index;
  }

  get lastTerm(): number {
    return this.entries.at(-1)?.term ?? this.base.term;
  }

  apply({ hardState, base, entries }: LogWrite): void {
    if (base !== undefined) {
      const stays = this.entries.some((e) => e.index === base.index && e.term === base.term);
      const keeps = stays || base.index === this.base.index;
      this.entries = keeps ? this.entries.filter((e) => e.index > base.index) : [];
      this.base = base;
    }
    const first = entries[0];
    if (first !== undefined) this.entries = this.entries.filter((e) => e.index < first.index);
    this.entries.push(...entries);
    this.hardState = hardState ?? this.hardState;
  }

  state(): LogState {
    const { hardState, base, entries, lastIndex } = this;
    const begins = (entry: Entry, i: number) => entry.term !== entries[i - 1]?.term;
    const termRuns = entries.filter(begins).map(({ index, term }) => ({ index, term }));
    const membershipEntries = entries.filter((entry) => entry.type === EntryType.Membership);
    const { sizes } = logStateOf(hardState, base, entries);
    return { hardState, base, lastIndex, termRuns, sizes, membershipEntries };
  }

  /** One string for the whole contents, to compare with `contentsOf`. */
  contents(): string {
    return describeContents(this.state(), this.entries);
  }
}

export async function contentsOf(store: LogStore): Promise<string> {
  const { base, lastIndex } = store.initial;
  const entries =
    lastIndex === base.index
      ? []
      : await store.read(base.index + 1, lastIndex, Number.POSITIVE_INFINITY);
  return describeContents(store.initial, entries);
}

/**
 * `state` and all entries, as text: payloads may be any kind of Uint8Array. Without sizes, of which a log
 * that was cut knows less.
 */
function describeContents(state: LogState, entries: readonly Entry[]): string {
  const { membershipEntries, sizes: _, ...rest } = state;
  return [JSON.stringify(rest), ...membershipEntries.map(row), ...entries.map(row)].join('\n');
}

function row({ index, term, type, data }: Entry): string {
  return `${index} ${term} ${type} ${Buffer.from(data).toString('base64')}`;
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
  /** Entries at the front that are compacted away, if there are so many. */
  readonly compacted: number;
  /** 0: none, else a snapshot that ends so many entries behind the log's end, less 3. */
  readonly snapshot: number;
}

const mostlyNone = (weight: number, other: fc.Arbitrary<number>) =>
  fc.oneof({ weight, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: other });

export const writeShapes: fc.Arbitrary<WriteShape> = fc.record({
  count: fc.nat(6),
  replaced: mostlyNone(3, fc.nat(8)),
  termStep: fc.nat(1),
  payloadBytes: fc.oneof(fc.nat(50), fc.constant(3000)),
  votedFor: fc.nat(3),
  compacted: mostlyNone(3, fc.nat(20)),
  snapshot: mostlyNone(15, fc.integer({ min: 1, max: 6 })),
});

/** A write of this shape that fits behind `model`. */
export function writeOf(shape: WriteShape, model: LogModel): LogWrite {
  const base = baseOf(shape, model);
  const after = new LogModel();
  Object.assign(after, { base: model.base, entries: [...model.entries] });
  if (base !== undefined) after.apply({ base, entries: [] });

  const replaced = shape.count > 0 ? Math.min(shape.replaced, after.entries.length) : 0;
  const lastTerm = Math.max(after.lastTerm, model.hardState.term, 1);
  const term = lastTerm + shape.termStep + (replaced > 0 ? 1 : 0);
  const first = after.lastIndex - replaced + 1;
  const entries = Array.from({ length: shape.count }, (_, i) => ({
    index: first + i,
    term,
    type: (first + i) % 5 === 0 ? EntryType.Membership : EntryType.Command,
    data: Buffer.alloc(shape.payloadBytes, (first + i) % 251),
  }));
  const write = base === undefined ? { entries } : { base, entries };
  if (shape.votedFor === 0) return write;
  const commit = Math.min(model.hardState.commit + 1, first - 1);
  const votedFor = voteIn(term, shape, model);
  return { ...write, hardState: { term, votedFor, commit, recovery: term % 3 } };
}

function baseOf({ compacted, snapshot }: WriteShape, model: LogModel): LogBase | undefined {
  if (snapshot > 0) {
    const index = Math.max(model.base.index + 1, model.lastIndex + snapshot - 3);
    // Of a term that the log has nowhere.
    return baseAt(index, Math.max(model.lastTerm, model.hardState.term) + 1);
  }
  const last = model.entries[compacted - 1];
  return last && baseAt(last.index, last.term);
}

function baseAt(index: number, term: number): LogBase {
  const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 2, (index % 100) + 3] };
  const membership = {
    ...EMPTY_MEMBERSHIP,
    index,
    configuration,
    endpoints: { 1: { member: `host-${index}:1` } },
    unheard: [index],
  };
  return { index, term, membership };
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
    compacted: i % 8 === 7 ? (i * 5) % 40 : 0,
    snapshot: i % 37 === 36 ? (i % 6) + 1 : 0,
  };
}
