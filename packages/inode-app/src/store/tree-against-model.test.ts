import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCommand } from '../namespace/operations/command-codec.js';
import type { NamespaceCommand } from '../namespace/operations/operation-table.js';
import { type ByteString, byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { edgePrefix } from '../namespace/tree/edge.js';
import { InodeType, ROOT_ID } from '../namespace/tree/inode.js';
import { childPath } from '../namespace/tree/path.js';
import { MemoryRows } from './memory-rows.js';
import { NamespaceMachine } from './namespace-machine.js';
import type { OrderedRows } from './ordered-rows.js';
import { openRocksRows } from './rocksdb-rows.js';
import { isCommitsKey } from './row-keys.js';
import { isStartRow } from './start-row.js';
import { applyToModel, arbitraryCommand, arbitraryPath } from './testing/operation-models.js';
import { statusOf, TreeModel } from './testing/tree-model.js';

type Step =
  | { readonly kind: 'command'; readonly command: NamespaceCommand; readonly prefetch: boolean }
  | { readonly kind: 'commit' }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'look'; readonly path: ByteString; readonly limit: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      command: arbitraryCommand,
      prefetch: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('look' as const),
      path: arbitraryPath,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
);

const cacheEntries = fc.constantFrom(1, 3, 1000);

/** What is refused beside other operations. */
const OF_MOUNTS: ReadonlySet<string> = new Set(['mount', 'unmount', 'updateMount']);

/** A tree and its model, side by side. */
class Comparison {
  readonly model = new TreeModel();
  machine: NamespaceMachine;
  index = 0;
  readonly #open: () => Promise<NamespaceMachine>;

  private constructor(open: () => Promise<NamespaceMachine>, machine: NamespaceMachine) {
    this.#open = open;
    this.machine = machine;
  }

  static async start(openRows: () => Promise<OrderedRows>, maxCacheEntries: number) {
    const open = async () =>
      NamespaceMachine.open({ rows: await openRows(), maxCacheEntries, absenceFilterBytes: 64 });
    return new Comparison(open, await open());
  }

  /** What the keys of entries begin with, of all directories that are there. */
  get directoryPrefixes(): string[] {
    return this.model.paths.flatMap((path) => {
      const node = this.model.find(byteString(path));
      return 'id' in node && node.type === InodeType.Directory ? [edgePrefix(node.id)] : [];
    });
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const next of steps) await this.#step(next);
    this.machine.commit(this.index, []);
    await this.#compareAll();
    await this.#reclaimAll();
    await this.#compareAll();
  }

  async #step(next: Step): Promise<void> {
    switch (next.kind) {
      case 'command':
        return this.#apply(next.command, next.prefetch);
      case 'commit':
        return this.machine.commit(this.index, []);
      case 'reopen':
        this.machine.commit(this.index, []);
        await this.machine.close();
        this.machine = await this.#open();
        expect(this.machine.appliedIndex).toBe(this.index);
        return;
      case 'look':
        return this.#look(next.path, next.limit);
    }
  }

  async #apply(command: NamespaceCommand, prefetch: boolean): Promise<void> {
    const parsed = this.machine.parseCommand(encodeCommand(command));
    expect(parsed).toEqual(command);
    if (prefetch) await this.machine.prefetch([parsed]);
    this.index += 1;
    const timeMs = this.index * 1000;
    const expected = command.map((operation) =>
      command.length > 1 && OF_MOUNTS.has(operation.kind)
        ? ['MOUNT_ALONE', 'path' in operation && operation.path]
        : applyToModel(this.model, operation, timeMs),
    );
    expect(this.machine.apply(parsed, { index: this.index, logTimeMs: 0, wallMs: timeMs })).toEqual(
      expected,
    );
  }

  /** The status and all pages of a listing, whatever is at the path. */
  async #look(path: ByteString, limit: number): Promise<void> {
    const node = this.model.find(path);
    const status = await this.machine.query({ kind: 'getStatus', path });
    let after = NO_BYTES;
    const page = () => this.machine.query({ kind: 'list', path, after, limit });
    if (!('id' in node)) {
      expect(status).toEqual(node);
      expect(await page()).toEqual(node);
      return;
    }
    expect(status).toEqual([statusOf(node)]);
    if (node.type !== InodeType.Directory) {
      expect(await page()).toEqual(['NOT_A_DIRECTORY', path]);
      return;
    }
    const entries = this.model
      .names(path)
      .map(byteString)
      .map((name) => {
        const child = this.model.find(childPath(path, name));
        return [name, 'id' in child ? statusOf(child) : child] as const;
      });
    for (let start = 0; start === 0 || start < entries.length; start += limit) {
      const expected = entries.slice(start, start + limit);
      expect(await page()).toEqual([expected, start + limit < entries.length]);
      after = expected.at(-1)?.[0] ?? NO_BYTES;
    }
  }

  async #compareAll(): Promise<void> {
    const ids = new Set<number>();
    for (const path of this.model.paths.map(byteString)) {
      await this.#look(path, 3);
      const node = this.model.find(path);
      if (!('id' in node)) throw new Error(`The model has no way to ${path}`);
      ids.add(node.id);
      const byId = await this.machine.query({ kind: 'getStatusById', id: node.id });
      expect(byId).toEqual([statusOf(node), path]);
    }
    for (let id = ROOT_ID; id < 40; id += 1) {
      if (ids.has(id)) continue;
      expect(await this.machine.query({ kind: 'getStatusById', id })).toEqual(['NOT_FOUND', '']);
    }
  }

  async #reclaimAll(): Promise<void> {
    for (;;) {
      const work = this.machine.pendingWork();
      if (work === undefined) break;
      this.index += 1;
      const command = this.machine.parseCommand(work);
      await this.machine.prefetch([command]);
      this.machine.apply(command, { index: this.index, logTimeMs: 0, wallMs: this.index * 1000 });
      this.machine.commit(this.index, []);
    }
    const counts = [0, 0, 0];
    for (const path of this.model.paths) {
      const node = this.model.find(path);
      if ('id' in node) counts[node.type] = (counts[node.type] ?? 0) + 1;
    }
    const { directories, files, symbolicLinks, reclaiming } = this.machine.statistics();
    expect([directories, files, symbolicLinks, reclaiming]).toEqual([...counts, false]);
  }
}

describe('a tree does what its model does', () => {
  it('over rows in memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        cacheEntries,
        async (steps, cache) => {
          const rows = new MemoryRows();
          const comparison = await Comparison.start(async () => rows, cache);
          await comparison.run(steps);
          // A row for each inode, one for each but the root's place, and the state.
          const inodes = comparison.model.paths.length;
          const found = rows.dump().filter(([key]) => !isCommitsKey(key));
          const starts = found.filter(([, value]) => isStartRow(Buffer.from(value, 'latin1')));
          expect(found).toHaveLength(2 * inodes + starts.length);
          expect(comparison.directoryPrefixes).toEqual(
            expect.arrayContaining(starts.map(([key]) => key)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  describe('over RocksDB', () => {
    let directory = '';
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'tree-against-model-'));
    });
    afterAll(async () => {
      await rm(directory, { recursive: true, force: true });
    });

    it('with its own database each time', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 60, size: 'max' }),
          cacheEntries,
          async (steps, cache) => {
            run += 1;
            const path = join(directory, `${run}`);
            const comparison = await Comparison.start(
              () => openRocksRows({ directory: path }),
              cache,
            );
            try {
              await comparison.run(steps);
            } finally {
              await comparison.machine.close();
            }
          },
        ),
        { numRuns: 10 },
      );
    });
  });
});
