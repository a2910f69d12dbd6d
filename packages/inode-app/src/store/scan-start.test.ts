import { describe, expect, it } from 'vitest';
import type { NamespaceCommand } from '../namespace/operations/operation-table.js';
import { NO_ATTRIBUTES } from '../namespace/tree/attributes.js';
import { type ByteString, byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { MemoryRows } from './memory-rows.js';
import { NamespaceMachine } from './namespace-machine.js';
import type { RowBatch, RowRange, RowRangeOptions } from './ordered-rows.js';

/** Counts what RocksDB would pass on the calling thread before it finds a range's first row. */
class RowsWithRecordsOfDeletes extends MemoryRows {
  readonly #deleted = new Set<string>();
  maxPassed = 0;

  override batch(): RowBatch {
    const batch = super.batch();
    return {
      ...batch,
      put: (key, value) => {
        this.#deleted.delete(Buffer.from(key).toString('latin1'));
        batch.put(key, value);
      },
      delete: (key) => {
        this.#deleted.add(Buffer.from(key).toString('latin1'));
        batch.delete(key);
      },
    };
  }

  override range(options: RowRangeOptions): RowRange {
    const row = super.range({ ...options, pageRows: 1 }).nextPageSync()[0];
    const first = Buffer.from(options.gte).toString('latin1');
    const end = (row?.key ?? Buffer.from(options.lt)).toString('latin1');
    const passed = [...this.#deleted].filter((key) => key >= first && key < end);
    this.maxPassed = Math.max(this.maxPassed, passed.length);
    return super.range(options);
  }
}

const ENTRIES = 600;
const NAMES = Array.from({ length: ENTRIES }, (_, n) => String(n).padStart(4, '0'));
const ORDERS = {
  'in order': NAMES,
  'in reverse': NAMES.toReversed(),
  'in disorder': NAMES.map((_, n) => NAMES[(n * 241) % ENTRIES] ?? ''),
};
const KEPT = { 'at the beginning': 0, 'in the middle': ENTRIES / 2, 'at the end': ENTRIES - 3 };

const cases = Object.entries(ORDERS).flatMap(([order, names]) =>
  Object.entries(KEPT).map(([place, first]) => {
    const kept = NAMES.slice(first, first + 3);
    return { order, place, kept, removed: names.filter((name) => !kept.includes(name)) };
  }),
);

/** A directory of which entries are removed one by one. */
class Emptied {
  readonly rows = new RowsWithRecordsOfDeletes();
  readonly machine: NamespaceMachine;
  #index = 0;

  private constructor(rows: RowsWithRecordsOfDeletes, machine: NamespaceMachine) {
    this.rows = rows;
    this.machine = machine;
  }

  static async start(): Promise<Emptied> {
    const rows = new RowsWithRecordsOfDeletes();
    const emptied = new Emptied(rows, await NamespaceMachine.open({ rows }));
    const directory = { kind: 'mkdir', path: byteString('/d'), parents: false } as const;
    await emptied.apply([{ ...directory, attributes: NO_ATTRIBUTES }]);
    for (const name of NAMES) {
      const path = byteString(`/d/${name}`);
      await emptied.apply([{ kind: 'create', path, attributes: NO_ATTRIBUTES }]);
    }
    return emptied;
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.apply([{ kind: 'delete', path: byteString(`/d/${name}`), recursive: false }]);
    }
  }

  async apply(command: NamespaceCommand): Promise<void> {
    await this.machine.prefetch([command]);
    this.#index += 1;
    this.machine.apply(command, { index: this.#index, logTimeMs: 0, wallMs: 0 });
    this.machine.commit(this.#index, []);
  }

  /** All names in `/d`, by pages of two. */
  async list(machine = this.machine): Promise<readonly string[]> {
    const names: ByteString[] = [];
    for (let after = NO_BYTES; ; after = names.at(-1) ?? NO_BYTES) {
      const query = { kind: 'list', path: byteString('/d'), after, limit: 2 } as const;
      const [entries, more] = (await machine.query(query)) as readonly [
        readonly (readonly [ByteString, unknown])[],
        boolean,
      ];
      names.push(...entries.map(([name]) => name));
      if (!more) return names;
    }
  }
}

describe.each(cases)('entries removed one by one $order, but three $place', ({ removed, kept }) => {
  it('are not passed on the event loop when the others are listed', async () => {
    const emptied = await Emptied.start();
    await emptied.remove(removed);
    expect(await emptied.list()).toEqual(kept);
    expect(await emptied.list(await NamespaceMachine.open({ rows: emptied.rows }))).toEqual(kept);
    expect(emptied.rows.maxPassed).toBe(0);
  });

  it('nor when the others are reclaimed', async () => {
    const emptied = await Emptied.start();
    await emptied.remove(removed);
    await emptied.apply([{ kind: 'delete', path: byteString('/d'), recursive: true }]);
    while (emptied.machine.pendingWork() !== undefined) {
      await emptied.apply([{ kind: 'reclaim', maxEntries: 1 }]);
    }
    expect(emptied.machine.statistics()).toMatchObject({ files: 0, directories: 1 });
    expect(emptied.machine.statistics().store.synchronousMisses).toBe(0);
    expect(emptied.rows.maxPassed).toBe(0);
  });
});
