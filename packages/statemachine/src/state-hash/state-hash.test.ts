import fc from 'fast-check';
import { type Entry, EntryType } from 'raft-ts';
import { expect, it } from 'vitest';
import type { FrameworkRow } from '../machine/durable-state-machine.js';
import { entersStretch, MAX_CHECKPOINTS, StateHash } from './state-hash.js';

const EVERY = 1_024;

function entry(index: number, text = `${index}`, term = 1): Entry {
  return { index, term, type: EntryType.Command, data: Buffer.from(text) };
}

/** Rows as a machine keeps them. */
class Rows {
  readonly #byKey = new Map<string, Uint8Array>();

  write(rows: readonly FrameworkRow[]): void {
    for (const { key, value } of rows) {
      const hex = Buffer.from(key).toString('hex');
      if (value === undefined) this.#byKey.delete(hex);
      else this.#byKey.set(hex, value);
    }
  }

  load(appliedIndex: number): StateHash {
    const hash = new StateHash();
    const rows = [...this.#byKey].map(([key, value]) => ({ key: Buffer.from(key, 'hex'), value }));
    hash.load(rows, appliedIndex);
    return hash;
  }
}

/** Entries up to this one, each a checkpoint unless it is odd. */
function upTo(index: number, different?: number): StateHash {
  const hash = new StateHash();
  for (let at = 1; at <= index; at++) {
    const result = Buffer.from(at === different ? 'other' : 'ok');
    hash.applied(entry(at), [result], at % 2 === 0);
  }
  return hash;
}

it('hashes and checkpoints are the same however entries are grouped, restarts between them included', () => {
  const steps = fc.array(
    fc.record({
      enters: fc.boolean(),
      result: fc.string(),
      writes: fc.boolean(),
      restarts: fc.boolean(),
    }),
    { maxLength: 3 * MAX_CHECKPOINTS },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const steady = new StateHash();
      let restarted = new StateHash();
      const rows = new Rows();
      for (const [at, { enters, result, writes, restarts }] of all.entries()) {
        const applied = [entry(at + 1), [Buffer.from(result)], enters] as const;
        steady.applied(...applied);
        restarted.applied(...applied);
        if (writes) rows.write(restarted.takeRows());
        if (writes && restarts) restarted = rows.load(at + 1);
        expect(restarted.checkpoints).toEqual(steady.checkpoints);
      }
      expect(steady.checkpoints.length).toBeLessThanOrEqual(MAX_CHECKPOINTS);
      expect(restarted.takeRows().at(-1)).toEqual(steady.takeRows().at(-1));
    }),
  );
});

it('an entry in so many is a checkpoint, and the first of a stretch of time', () => {
  const hash = new StateHash();
  for (let index = 1; index <= 2 * EVERY; index++) hash.applied(entry(index), [], index === 5);
  expect(hash.checkpoints.map(({ index }) => index)).toEqual([5, EVERY, 2 * EVERY]);
  expect([
    entersStretch(0, 3_999),
    entersStretch(3_999, 4_000),
    entersStretch(4_000, 7_999),
  ]).toEqual([false, true, false]);
});

it('no bytes change nothing, wherever they lie', () => {
  const hashes = [Buffer.alloc(0), new Uint8Array(new ArrayBuffer(0))].map((data) => {
    const hash = new StateHash();
    hash.applied({ ...entry(1), data }, [data], true);
    return hash.newest?.hash;
  });
  expect(hashes[0]).toBeGreaterThan(0);
  expect(hashes[1]).toBe(hashes[0]);
});

it('who differs once in bytes, term or result does so at each later index', () => {
  const results = [Buffer.from('ok')];
  const variants = [
    (hash: StateHash) => hash.applied(entry(1), results, true),
    (hash: StateHash) => hash.applied(entry(1, 'other'), results, true),
    (hash: StateHash) => hash.applied(entry(1, '1', 2), results, true),
    (hash: StateHash) => hash.applied(entry(1), [Buffer.from('OK')], true),
    (hash: StateHash) => hash.applied({ ...entry(1), type: EntryType.Empty }, results, true),
  ];
  const hashes = variants.map((first) => {
    const hash = new StateHash();
    first(hash);
    for (let index = 2; index < 20; index++) hash.applied(entry(index), results, true);
    return hash.checkpoints.map((at) => at.hash);
  });
  for (let at = 0; at < 19; at++) {
    expect(new Set(hashes.map((each) => each[at])).size).toBe(variants.length);
  }
});

it('who is judged to differ says between which entries that began, and stays so', () => {
  const [right, wrong, rows] = [upTo(20), upTo(20, 11), new Rows()];
  right.judge(right.checkpoints);
  expect(right.error).toBeUndefined();
  wrong.judge(right.checkpoints);
  expect(wrong.error).toMatchObject({ code: 'STATE_DIVERGED' });
  expect(wrong.error?.message).toContain('equal up to entry 10, and they differ at entry 12');
  rows.write(wrong.takeRows());
  expect(rows.load(20).error?.message).toBe(wrong.error?.message);
});

it('who remembers none of the indexes is not judged', () => {
  const wrong = upTo(20, 1);
  wrong.judge([{ index: 7, hash: 1 }]);
  expect(wrong.error).toBeUndefined();
  const always = upTo(20, 1);
  always.judge(upTo(20).checkpoints);
  expect(always.error?.message).toContain('most members have: they differ at entry 2.');
});

it('a state knows the term of its last entry over restarts, unless another version wrote it', () => {
  const rows = new Rows();
  const hash = upTo(19);
  hash.applied({ ...entry(20), term: 7 }, [], false);
  rows.write(hash.takeRows());
  expect(rows.load(20).lastTerm).toBe(7);
  expect(rows.load(21).lastTerm).toBeUndefined();
});

it('a state of a version without hashes is not compared until all begin anew', () => {
  const rows = new Rows();
  rows.write(upTo(20).takeRows());
  const hash = rows.load(25);
  expect([hash.known, hash.checkpoints]).toEqual([false, []]);
  hash.applied(entry(26), [], true);
  expect(hash.checkpoints).toEqual([]);
  rows.write(hash.takeRows());
  expect(rows.load(26).known).toBe(false);

  const other = upTo(26);
  for (const each of [hash, other]) {
    each.beginAnew();
    each.applied(entry(27), [], true);
  }
  expect(hash.checkpoints).toHaveLength(1);
  expect(hash.checkpoints).toEqual(other.checkpoints);
  rows.write(hash.takeRows());
  expect(rows.load(27).checkpoints).toEqual(other.checkpoints);
});
