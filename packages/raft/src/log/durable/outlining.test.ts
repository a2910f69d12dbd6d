import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryType, entryBytes } from '../../core/log/entry.js';
import type { LogState } from '../../core/log/log-state.js';
import type { LogWrite } from '../log-store.js';
import { LogTail } from '../log-tail.js';
import { LogModel, writeOf, writeShapes } from '../rocksdb/log-model.test.support.js';
import { entryKey } from './layout.js';
import { LogDamage } from './log-damage.js';
import type { LogRowRange, LogRows } from './log-rows.js';
import { OutlineFile } from './outline-file.js';
import { Outlining } from './outlining.js';
import { logEnds, PackedWriteGroup, WriteGroupPacker } from './packed-write-group.js';
import { type ScannedLog, scanBehind, scanLog } from './scan.js';

/** Rows on the heap, by their keys in hexadecimal. */
class HeapRows implements LogRows {
  readonly rows = new Map<string, Buffer>();
  /** Entries that were read in ranges. */
  read = 0;

  getManySync(keys: readonly Uint8Array[]) {
    return keys.map((key) => this.rows.get(hex(key)));
  }

  range({ gte, lt }: LogRowRange) {
    const within = [...this.rows].filter(([key]) => key >= hex(gte) && key < hex(lt)).sort();
    this.read += within.length;
    const page = within.map(([key, value]) => ({ key: Buffer.from(key, 'hex'), value }));
    const taken = { finished: false };
    return {
      get finished() {
        return taken.finished;
      },
      nextPageSync() {
        taken.finished = true;
        return page;
      },
      [Symbol.dispose]() {},
    };
  }

  deleteRange(first: Uint8Array, end: Uint8Array): void {
    for (const key of this.rows.keys()) {
      if (key >= hex(first) && key < hex(end)) this.rows.delete(key);
    }
  }

  flip(key: Uint8Array): void {
    const value = this.rows.get(hex(key));
    if (value === undefined) throw new Error('no such row');
    value.writeUInt8(value.readUInt8(value.byteLength - 5) ^ 1, value.byteLength - 5);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A log that is written, with outlines or, as by an earlier version, without. */
class WrittenLog {
  readonly rows = new HeapRows();
  outline: Buffer | undefined;
  readonly model = new LogModel();
  #tail = new LogTail(this.model.state());
  #outlining: Outlining;
  readonly #everyBytes: number;

  constructor(everyBytes: number) {
    this.#everyBytes = everyBytes;
    this.#outlining = new Outlining(everyBytes, { state: this.model.state(), readFrom: 1 });
  }

  write(write: LogWrite, withOutline = true): void {
    const change = this.#tail.accept(write);
    const outline = this.#outlining.after(write, change, this.#tail);
    const group = new WriteGroupPacker(4096);
    group.add(write, change, withOutline ? outline : undefined);
    group.seal(logEnds(this.#tail));
    const packed = new PackedWriteGroup(group.memory);
    packed.copyTo({
      put: (key, value) => this.rows.rows.set(hex(key), Buffer.from(value)),
      delete: (key) => this.rows.rows.delete(hex(key)),
    });
    if (packed.outline !== undefined) this.outline = Buffer.from(packed.outline);
    this.rows.deleteRange(entryKey(0), entryKey(this.#tail.base.index + 1));
    this.model.apply(write);
  }

  reopen(): ScannedLog {
    const file = new OutlineFile({
      read: () => this.outline,
      write: () => expect.fail(),
      remove: () => expect.fail(),
    });
    const scanned = scanBehind(file.read(), this.rows);
    this.#tail = new LogTail(scanned.state);
    this.#outlining = new Outlining(this.#everyBytes, scanned);
    return scanned;
  }
}

/** All but the sizes, of which a log that was cut knows less; with bytes of one kind. */
function comparable({ sizes: _, membershipEntries, ...state }: LogState) {
  const memberships = membershipEntries.map((entry) => ({ ...entry, data: hex(entry.data) }));
  return { ...state, memberships };
}

const entries = (first: number, last: number, term = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({
    index: first + i,
    term,
    type: i % 10 === 0 ? EntryType.Membership : EntryType.Command,
    data: Buffer.alloc(20, first + i),
  }));
const ENTRY_BYTES = entryBytes(entries(1, 1)[0] ?? expect.fail());

/** 100 entries, each written by itself, and an outline every 30. */
function hundred(): WrittenLog {
  const log = new WrittenLog(30 * ENTRY_BYTES);
  for (const entry of entries(1, 100)) log.write({ entries: [entry] });
  return log;
}

describe('an opened log', () => {
  it('is what was written, with an outline, an older one, a damaged one or none', () => {
    const seen = { outlined: 0, whole: 0 };
    const step = fc.record({
      shape: writeShapes,
      withOutline: fc.boolean(),
      next: fc.constantFrom('write', 'write', 'reopen', 'damage'),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 1, max: 800 }),
        (steps, bytes) => {
          const log = new WrittenLog(bytes);
          for (const { shape, withOutline, next } of steps) {
            log.write(writeOf(shape, log.model), withOutline);
            if (next === 'write') continue;
            if (next === 'damage') log.outline?.fill(1, 20, 30);
            const { state, readFrom } = log.reopen();
            expect(comparable(state)).toEqual(comparable(log.model.state()));
            expect(comparable(scanLog(log.rows))).toEqual(comparable(state));
            seen[readFrom > state.base.index + 1 ? 'outlined' : 'whole']++;
          }
        },
      ),
    );
    expect(seen.outlined).toBeGreaterThan(0);
    expect(seen.whole).toBeGreaterThan(0);
  });

  it('was read only behind its outline, and knows what the entries before it take', () => {
    const log = hundred();
    const { state, readFrom } = log.reopen();
    expect(readFrom).toBe(91);
    expect(log.rows.read).toBe(10);
    expect(state.sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100 * ENTRY_BYTES);
    log.write({ base: { ...log.model.base, index: 40, term: 1 }, entries: [] });
    expect(log.reopen()).toMatchObject({ readFrom: 91, state: { base: { index: 40 } } });
    log.write({ base: { ...log.model.base, index: 90, term: 1 }, entries: [] });
    expect(log.reopen().readFrom).toBe(91);
  });

  it.each([
    ['the first entry', 1],
    ['the last entry that the outline tells of', 90],
    ['a membership', 11],
    ['an entry behind', 95],
  ])('is found damaged where %s is', (_what, index) => {
    const log = hundred();
    log.rows.flip(entryKey(index));
    expect(() => log.reopen()).toThrow(LogDamage);
  });

  it('has the base it was given, whatever an outline of other entries says', () => {
    const log = hundred();
    log.write(
      { base: { ...log.model.base, index: 60, term: 7 }, entries: entries(61, 61, 7) },
      false,
    );
    expect(log.reopen()).toMatchObject({ readFrom: 61, state: { lastIndex: 61 } });
  });
});
