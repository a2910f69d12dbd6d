import assert from 'node:assert/strict';
import { type ComplianceCase, complianceCases } from '@raft-ts/net/testing';
import { ENTRY_OVERHEAD_BYTES, type Entry, EntryType } from '../core/log/entry.js';
import { EMPTY_BASE } from '../core/log/log-state.js';
import { baseCases } from './log-store-base-cases.js';
import {
  ALL,
  append,
  assertEntries,
  entries,
  entry,
  hardState,
  LogBench,
  type LogCase,
  type LogStoreHome,
  membershipEntry,
} from './log-store-bench.js';

export type { LogStoreHome } from './log-store-bench.js';

/**
 * What every LogStore must do, as cases for any test runner:
 *
 * ```ts
 * describe('my log', () => {
 *   for (const { name, run } of logStoreCompliance(createHome)) it(name, run);
 * });
 * ```
 */
export function logStoreCompliance(createHome: () => Promise<LogStoreHome>): ComplianceCase[] {
  const open = async () => new LogBench(await createHome());
  return complianceCases({ ...cases, ...baseCases }, open);
}

const cases: Readonly<Record<string, LogCase>> = {
  async 'a new log is empty'(bench) {
    await bench.assertKeeps(EMPTY_BASE, []);
  },

  async 'entries are read back as they were written'(bench) {
    const written: Entry[] = [
      { index: 1, term: 1, type: EntryType.Empty, data: new Uint8Array(0) },
      entry(2, 1, Uint8Array.from(Array(256).keys())),
      entry(3, 2, new Uint8Array(100_000).fill(3)),
      entry(4, 2 ** 40, 'a term of more than 32 bits'),
    ];
    await bench.write({ entries: written });
    await bench.assertHolds(written);
  },

  async 'a reopened log holds the same, and says so'(bench) {
    const state = hardState(3, 2, 4);
    await bench.write({ hardState: state, ...append(1, 3, 1) }, append(4, 6, 3));
    await bench.assertKeeps(EMPTY_BASE, [...entries(1, 3, 1), ...entries(4, 6, 3)], state);
    await bench.write(append(7, 7, 3));
    assert.equal((await bench.reopen()).initial.lastIndex, 7);
  },

  async 'the hard state alone is kept, and the newest counts'(bench) {
    const newest = hardState(2 ** 45, 1, 2 ** 40, 2 ** 48 - 1);
    for (const state of [hardState(1, 0, 0), hardState(1, 2 ** 32 - 1, 0), newest]) {
      await bench.write({ hardState: state, entries: [] });
    }
    await bench.write(append(1, 1, 1));
    assert.deepEqual((await bench.reopen()).initial.hardState, newest);
  },

  async 'a recovery is kept until it is over'(bench) {
    for (const state of [
      hardState(3, 2, 0, 77),
      hardState(3, 2, 4, 77),
      hardState(3, 2, 4, 0),
      hardState(4, 0, 4, 78),
      hardState(4, 0, 4, 79),
    ]) {
      await bench.write({ hardState: state, entries: [] });
      assert.deepEqual((await bench.reopen()).initial.hardState, state);
    }
  },

  async 'a write of nothing resolves'(bench) {
    await bench.write({ entries: [] });
    await bench.assertHolds([]);
  },

  async 'a conflict replaces the tail, also by a shorter one'(bench) {
    await bench.write(append(1, 10, 1), append(4, 5, 2));
    await bench.assertKeeps(EMPTY_BASE, [...entries(1, 3, 1), ...entries(4, 5, 2)]);
    await bench.write(append(1, 1, 3));
    await bench.assertKeeps(EMPTY_BASE, entries(1, 1, 3));
    await bench.write(append(2, 12, 4));
    await bench.assertHolds([...entries(1, 1, 3), ...entries(2, 12, 4)]);
  },

  async 'changes of the membership that are held are told, and those that were cut are not'(bench) {
    const kept = [entry(1, 1), membershipEntry(2, 1), entry(3, 1)];
    const cut = [membershipEntry(4, 1)];
    await bench.write({ entries: [...kept, ...cut] });
    await bench.assertKeeps(EMPTY_BASE, [...kept, ...cut]);
    const tail = [entry(4, 2), membershipEntry(5, 2)];
    await bench.write({ entries: tail });
    await bench.assertKeeps(EMPTY_BASE, [...kept, ...tail]);
  },

  async 'writes under way take effect in order'(bench) {
    const store = await bench.open();
    const finished: number[] = [];
    const writes = [
      append(1, 5, 1),
      { ...append(4, 4, 2), hardState: hardState(2, 1, 0) },
      append(5, 9, 2),
      { ...append(2, 3, 3), hardState: hardState(3, 3, 1) },
      append(4, 4, 3),
    ];
    await Promise.all(
      writes.map(async (write, i) => {
        await store.write(write);
        finished.push(i);
      }),
    );
    assert.deepEqual(finished, [0, 1, 2, 3, 4]);
    const expected = [...entries(1, 1, 1), ...entries(2, 4, 3)];
    await bench.assertKeeps(EMPTY_BASE, expected, hardState(3, 3, 1));
  },

  async 'many writes at once all become durable'(bench) {
    const store = await bench.open();
    const data = new Uint8Array(10_000).fill(9);
    const expected = Array.from({ length: 500 }, (_, i) => entry(i + 1, 1, data));
    await Promise.all(expected.map((one) => store.write({ entries: [one] })));
    await bench.assertKeeps(EMPTY_BASE, expected);
  },

  async 'a read gives at least one entry and stops before maxBytes is exceeded'(bench) {
    const store = await bench.open();
    const size = 1000;
    const counted = size + ENTRY_OVERHEAD_BYTES;
    const written = Array.from({ length: 600 }, (_, i) => entry(i + 1, 1, new Uint8Array(size)));
    await bench.write({ entries: written });
    const lengthOf = async (maxBytes: number) => (await store.read(1, 600, maxBytes)).length;
    assert.equal(await lengthOf(0), 1);
    assert.equal(await lengthOf(counted - 1), 1);
    assert.equal(await lengthOf(2 * counted - 1), 1);
    assert.equal(await lengthOf(2 * counted), 2);
    assert.equal(await lengthOf(500 * counted), 500);
    assert.equal(await lengthOf(Number.POSITIVE_INFINITY), 600);
    assertEntries(await store.read(599, 600, ALL), written.slice(598));
    assertEntries(await store.read(300, 300, ALL), written.slice(299, 300));
  },

  async 'only what is there can be read'(bench) {
    await bench.write(append(1, 3, 1));
    await bench.assertUnavailable(0, 1);
    await bench.assertUnavailable(1, 4);
    await bench.assertUnavailable(4, 4);
    await bench.assertUnavailable(3, 2);
  },

  async 'a read beside a write that replaces gives one of both, or nothing'(bench) {
    const store = await bench.open();
    await bench.write(append(1, 20, 1));
    const read = store.read(1, 20, ALL).catch((error: unknown) => error);
    await bench.write(append(1, 1, 2));
    const result = await read;
    if (Array.isArray(result)) {
      const term = (result as Entry[])[0]?.term ?? 0;
      assertEntries(result as Entry[], term === 1 ? entries(1, 20, 1) : entries(1, 1, 2));
    } else {
      assert.equal((result as { code?: unknown }).code, 'LOG_UNAVAILABLE');
    }
    await bench.assertHolds(entries(1, 1, 2));
  },

  async 'an aborted read rejects with the reason'(bench) {
    const store = await bench.open();
    await bench.write(append(1, 3, 1));
    const reason = new Error('enough');
    await assert.rejects(store.read(1, 3, ALL, AbortSignal.abort(reason)), reason);
    const controller = new AbortController();
    const read = store.read(1, 3, ALL, controller.signal).catch((error: unknown) => error);
    controller.abort(reason);
    const result = await read;
    if (result !== reason) assertEntries(result as Entry[], entries(1, 3, 1));
    await bench.assertHolds(entries(1, 3, 1));
  },

  async 'entries that do not fit the log are refused, and harm nothing'(bench) {
    const store = await bench.open();
    await bench.write(append(1, 3, 2));
    for (const wrong of [
      entries(5, 5, 2),
      entries(0, 0, 2),
      [entry(4, 2), entry(6, 2)],
      [entry(4, 3), entry(5, 2)],
      [entry(4, 1)],
    ]) {
      await assert.rejects(store.write({ entries: wrong }));
    }
    await bench.write(append(4, 4, 2));
    await bench.assertHolds(entries(1, 4, 2));
  },

  async 'a term that falls and a second vote in a term are refused'(bench) {
    const store = await bench.open();
    await bench.write({ hardState: hardState(3, 2, 0), entries: [] });
    for (const wrong of [hardState(2, 2, 0), hardState(3, 1, 0), hardState(3, 0, 0)]) {
      await assert.rejects(store.write({ hardState: wrong, ...append(1, 1, 1) }));
    }
    await bench.assertKeeps(EMPTY_BASE, [], hardState(3, 2, 0));
  },

  async 'close waits for writes, and refuses what comes after'(bench) {
    const store = await bench.open();
    const writes = Array.from({ length: 20 }, (_, i) => store.write(append(i + 1, i + 1, 1)));
    const closed = store.close();
    await assert.rejects(store.write(append(21, 21, 1)), { code: 'LOG_CLOSED' });
    await assert.rejects(store.read(1, 1, ALL), { code: 'LOG_CLOSED' });
    await Promise.all(writes);
    await closed;
    await store.close();
    await store[Symbol.asyncDispose]();
    assert.equal((await bench.reopen()).initial.lastIndex, 20);
  },

  async 'a log that is open is not opened again'(bench) {
    await bench.open();
    await assert.rejects(bench.open(), { code: 'LOG_LOCKED' });
  },
};
