import assert from 'node:assert/strict';
import {
  EMPTY_HARD_STATE,
  type Entry,
  EntryType,
  type HardState,
  totalBytes,
} from '../core/log/entry.js';
import type { LogBase } from '../core/log/log-state.js';
import type { Membership } from '../core/membership/membership.js';
import type { LogStore, LogWrite } from '../log/log-store.js';

/** The place of one log, made for one case: a directory, a simulated disk. */
export interface LogStoreHome {
  /** Opens the log that lies here, empty at first. Called again after the last was closed. */
  open(): Promise<LogStore>;
  /** Removes everything. Called once, after the last store was closed. */
  remove(): Promise<void>;
}

/** One log in its home: opens it, writes to it, asserts what it holds, and closes it in the end. */
export class LogBench {
  readonly #home: LogStoreHome;
  readonly #stores: LogStore[] = [];

  constructor(home: LogStoreHome) {
    this.#home = home;
  }

  async open(): Promise<LogStore> {
    const store = await this.#home.open();
    this.#stores.push(store);
    return store;
  }

  async reopen(): Promise<LogStore> {
    await this.#closeAll();
    return await this.open();
  }

  /** The store that was opened last; the log is opened where none is. */
  async #current(): Promise<LogStore> {
    return this.#stores.at(-1) ?? (await this.open());
  }

  /** Writes one after another. */
  async write(...writes: readonly LogWrite[]): Promise<void> {
    const store = await this.#current();
    for (const write of writes) await store.write(write);
  }

  /** `expected` is all that the log has behind `baseIndex`. */
  async assertHolds(expected: readonly Entry[], baseIndex = 0): Promise<void> {
    const store = await this.#current();
    const last = expected.at(-1)?.index ?? baseIndex;
    if (last > baseIndex) assertEntries(await store.read(baseIndex + 1, last, ALL), expected);
    await this.assertUnavailable(last + 1, last + 1);
    await this.assertUnavailable(baseIndex, baseIndex + 1);
  }

  async assertUnavailable(first: number, last: number): Promise<void> {
    const store = await this.#current();
    await assert.rejects(store.read(first, last, ALL), { code: 'LOG_UNAVAILABLE' });
  }

  /** The log begins with `logBase` and holds `held` behind it; opened again, it does, and says so. */
  async assertKeeps(
    logBase: LogBase,
    held: readonly Entry[],
    state: HardState = EMPTY_HARD_STATE,
  ): Promise<void> {
    await this.assertHolds(held, logBase.index);
    const { membershipEntries, sizes, ...initial } = (await this.reopen()).initial;
    assert.deepEqual(initial, {
      hardState: state,
      base: logBase,
      lastIndex: held.at(-1)?.index ?? logBase.index,
      termRuns: held
        .filter(({ term }, i) => term !== held[i - 1]?.term)
        .map(({ index, term }) => ({ index, term })),
    });
    assert.equal(
      sizes.reduce((sum, { bytes }) => sum + bytes, 0),
      totalBytes(held),
    );
    assertEntries(
      membershipEntries,
      held.filter(({ type }) => type === EntryType.Membership),
    );
    await this.assertHolds(held, logBase.index);
  }

  async #closeAll(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close();
  }

  async remove(): Promise<void> {
    await this.#closeAll();
    await this.#home.remove();
  }
}

/** The body of one case. */
export type LogCase = (bench: LogBench) => Promise<void>;

export const ALL = Number.MAX_SAFE_INTEGER;

export function entry(
  index: number,
  term: number,
  data: Uint8Array | string = `${index}.${term}`,
): Entry {
  return { index, term, type: EntryType.Command, data: Buffer.from(data) };
}

export function entries(first: number, last: number, term: number): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, i) => entry(first + i, term));
}

/** A write of `entries` and of nothing else. */
export function append(first: number, last: number, term: number): LogWrite {
  return { entries: entries(first, last, term) };
}

/** A write of `base`: a compaction, or a snapshot where the log does not have it. */
export function beginBehind(index: number, term: number): LogWrite {
  return { base: base(index, term), entries: [] };
}

export function membershipEntry(index: number, term: number): Entry {
  return { ...entry(index, term, `who takes part from ${index}`), type: EntryType.Membership };
}

export function hardState(term: number, votedFor: number, commit: number, recovery = 0): HardState {
  return { term, votedFor, commit, recovery };
}

/** With a membership that tells bases apart, and of which every part is used. */
export function base(index: number, term: number): LogBase {
  const membership: Membership = {
    index,
    configuration: {
      voters: [1, 2 ** 32 - 1],
      outgoing: [1, 3],
      learners: [4],
      nextLearners: [],
      autoLeave: true,
    },
    endpoints: { 1: { member: 'höst:1', client: 'höst:3' }, 3: { member: `[::${index}]:2` } },
    forcedRecoveries: [
      { index, term, lostVoters: [7], reason: 'the "other" room burnt', atMs: 2 ** 41 },
    ],
    unheard: [3],
  };
  return { index, term, membership };
}

/** Payloads may be any kind of Uint8Array. */
function plain(list: readonly Entry[]): unknown {
  return list.map((one) => ({ ...one, data: Buffer.from(one.data).toString('hex') }));
}

export function assertEntries(actual: readonly Entry[], expected: readonly Entry[]): void {
  assert.deepEqual(plain(actual), plain(expected));
}
