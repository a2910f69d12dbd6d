import assert from 'node:assert/strict';
import type { Entry } from '../core/log/entry.js';
import {
  ALL,
  append,
  assertEntries,
  base,
  beginBehind,
  entries,
  entry,
  hardState,
  type LogCase,
  membershipEntry,
} from './log-store-bench.js';

/** Compaction and snapshots: what a log does whose beginning moves (Raft paper, section 7). */
export const baseCases: Readonly<Record<string, LogCase>> = {
  async 'compaction cuts the front and keeps what is behind it'(bench) {
    const held = [entry(7, 2), membershipEntry(8, 2), entry(9, 3)];
    await bench.write({ entries: [...entries(1, 4, 1), membershipEntry(5, 1), entry(6, 2)] });
    await bench.write({ entries: held }, beginBehind(6, 2));
    await bench.assertUnavailable(5, 9);
    await bench.assertKeeps(base(6, 2), held);
    await bench.write(append(10, 11, 3));
    await bench.assertKeeps(base(6, 2), [...held, ...entries(10, 11, 3)]);
  },

  async 'a log that is compacted to its end goes on behind it'(bench) {
    await bench.write(append(1, 5, 2), beginBehind(5, 2));
    await bench.assertKeeps(base(5, 2), []);
    await bench.write(append(6, 7, 2));
    await bench.assertKeeps(base(5, 2), entries(6, 7, 2));
  },

  async 'compaction goes on, a step at a time and at any size'(bench) {
    await bench.write(append(1, 300, 1));
    for (const index of [1, 2, 3, 100, 101, 250]) {
      await bench.write(beginBehind(index, 1));
      await bench.assertHolds(entries(index + 1, 300, 1), index);
      if (index === 3 || index === 101) await bench.reopen();
    }
    await bench.write(beginBehind(250, 1));
    await bench.assertKeeps(base(250, 1), entries(251, 300, 1));
  },

  async 'the tail behind a base is replaced like any other'(bench) {
    await bench.write(append(1, 10, 1), beginBehind(6, 1), append(7, 8, 2));
    await bench.assertKeeps(base(6, 1), entries(7, 8, 2));
  },

  async 'a snapshot beyond the end takes the place of everything'(bench) {
    const state = hardState(2, 1, 3);
    await bench.write({ hardState: state, ...append(1, 3, 2) }, beginBehind(1000, 7));
    await bench.assertUnavailable(1, 3);
    await bench.assertKeeps(base(1000, 7), [], state);
    await bench.write(append(1001, 1003, 7));
    await bench.assertKeeps(base(1000, 7), entries(1001, 1003, 7), state);
    await bench.write(beginBehind(2000, 8));
    await bench.assertKeeps(base(2000, 8), [], state);
  },

  async 'a snapshot that contradicts an entry at its index drops all behind it'(bench) {
    const written = [...entries(1, 4, 1), membershipEntry(5, 1), ...entries(6, 9, 1)];
    await bench.write({ entries: written }, beginBehind(4, 3));
    await bench.assertKeeps(base(4, 3), []);
    await bench.write(append(5, 6, 3));
    await bench.assertKeeps(base(4, 3), entries(5, 6, 3));
  },

  async 'a snapshot in an empty log is where it begins'(bench) {
    await bench.write({ base: base(40, 2), ...append(41, 43, 2) });
    await bench.assertKeeps(base(40, 2), entries(41, 43, 2));
  },

  async 'base, entries and hard state of one write take effect together, in this order'(bench) {
    const state = hardState(5, 2, 6, 9);
    await bench.write(append(1, 9, 1));
    await bench.write({ hardState: state, base: base(6, 4), ...append(7, 7, 5) });
    await bench.assertKeeps(base(6, 4), entries(7, 7, 5), state);
    // Compaction and a conflict behind it.
    await bench.write({ base: base(7, 5), ...append(8, 12, 5) });
    await bench.write({ base: base(9, 5), ...append(11, 11, 6) });
    await bench.assertKeeps(base(9, 5), [entry(10, 5), entry(11, 6)], state);
  },

  async 'bases under way take effect in order'(bench) {
    const store = await bench.open();
    const writes = [
      append(1, 5, 1),
      { base: base(2, 1), ...append(6, 6, 1) },
      beginBehind(4, 2),
      append(5, 9, 2),
      beginBehind(8, 2),
      { base: base(20, 3), ...append(21, 22, 3) },
      beginBehind(21, 3),
    ];
    await Promise.all(writes.map((write) => store.write(write)));
    await bench.assertKeeps(base(21, 3), entries(22, 22, 3));
  },

  async 'a base that goes back, or changes what was committed, is refused'(bench) {
    const store = await bench.open();
    await bench.write(append(1, 9, 2), beginBehind(5, 2));
    for (const wrong of [
      beginBehind(4, 2),
      beginBehind(5, 3),
      beginBehind(20, 1),
      { base: base(7, 2), ...append(7, 7, 2) },
      { base: base(12, 3), ...append(14, 14, 3) },
      { base: base(12, 3), ...append(13, 13, 2) },
      append(5, 5, 2),
    ]) {
      await assert.rejects(store.write(wrong));
    }
    await bench.assertKeeps(base(5, 2), entries(6, 9, 2));
  },

  async 'a read beside a compaction gives what was there, or nothing'(bench) {
    const store = await bench.open();
    await bench.write(append(1, 200, 1));
    const reads = [store.read(1, 200, ALL), store.read(150, 200, ALL)].map((read) =>
      read.catch((error: unknown) => error),
    );
    await bench.write(beginBehind(100, 1));
    const [below, behind] = await Promise.all(reads);
    if (Array.isArray(below)) assertEntries(below as Entry[], entries(1, 200, 1));
    else assert.equal((below as { code?: unknown }).code, 'LOG_UNAVAILABLE');
    assertEntries(behind as Entry[], entries(150, 200, 1));
    await bench.assertHolds(entries(101, 200, 1), 100);
  },
};
