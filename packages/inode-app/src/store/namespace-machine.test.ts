import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { NamespaceCommand, Operation } from '../namespace/operations/operation-table.js';
import { NO_ATTRIBUTES } from '../namespace/tree/attributes.js';
import { byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { ROOT_PATH } from '../namespace/tree/path.js';
import { MemoryRows } from './memory-rows.js';
import { NamespaceMachine } from './namespace-machine.js';
import { isCommitsKey, STATE_KEY } from './row-keys.js';
import { RowWriter } from './row-writer.js';
import { newTreeState, writeTreeState } from './state-row.js';
import { arbitraryCommand } from './testing/operation-models.js';

const at = (index: number) => ({ index, logTimeMs: 0, wallMs: index * 1000 });

function create(path: string): NamespaceCommand {
  return [{ kind: 'create', path: byteString(path), attributes: NO_ATTRIBUTES }];
}

function mkdir(path: string): NamespaceCommand {
  return [{ kind: 'mkdir', path: byteString(path), parents: true, attributes: NO_ATTRIBUTES }];
}

describe('another tree in the place of this one', () => {
  /** Rows in which these files are, and how much is applied. */
  async function treeWith(paths: readonly string[]) {
    const rows = new MemoryRows();
    const machine = await NamespaceMachine.open({ rows });
    for (const [position, path] of paths.entries()) machine.apply(create(path), at(position + 1));
    machine.commit(paths.length, []);
    return { rows, machine };
  }

  const isThere = async (machine: NamespaceMachine, path: string) =>
    !JSON.stringify(await lookUp(machine, path)).includes('NOT_FOUND');
  const lookUp = (machine: NamespaceMachine, path: string) =>
    machine.query({ kind: 'getStatus', path: byteString(path) });

  it('is all that it knows then, whatever it had read of the former one', async () => {
    const { machine } = await treeWith(['/a', '/b', '/c']);
    const { rows: other } = await treeWith(['/a', '/d']);
    expect([await isThere(machine, '/b'), await isThere(machine, '/d')]).toEqual([true, false]);
    await machine.replaceRows(async () => other);
    expect(machine.appliedIndex).toBe(2);
    expect(machine.statistics()).toMatchObject({ directories: 1, files: 2 });
    expect([await isThere(machine, '/b'), await isThere(machine, '/d')]).toEqual([false, true]);
    machine.apply(create('/e'), at(3));
    machine.commit(3, []);
    expect(await isThere(machine, '/e')).toBe(true);
    expect(await machine.flush()).toBe(3);
  });

  it('is watched by whoever has watched the former one', async () => {
    const { machine } = await treeWith(['/a']);
    const { rows: other } = await treeWith([]);
    const observer = {
      intentBegan: () => {},
      intentEnded: () => {},
      mountsChanged: () => {},
      condition: () => undefined,
    };
    machine.tree.mounts.observer = observer;
    await machine.replaceRows(async () => other);
    expect(machine.tree.mounts.observer).toBe(observer);
  });

  it('sends queries to others while it is replaced, and waits with what is to be durable', async () => {
    const { machine } = await treeWith(['/a']);
    const { rows: other } = await treeWith(['/a', '/b']);
    let opened = () => {};
    const opening = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const replaced = machine.replaceRows(async () => {
      await opening;
      return other;
    });
    await expect(lookUp(machine, '/a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(machine.prefetch([create('/z')])).toBeUndefined();
    const flushed = machine.flush();
    opened();
    await replaced;
    expect(await flushed).toBe(2);
  });

  it('fails with what it could not open, and can be closed', async () => {
    const { machine } = await treeWith(['/a']);
    const failing = machine.replaceRows(() => Promise.reject(new Error('no such directory')));
    await expect(failing).rejects.toThrow('no such directory');
    await expect(lookUp(machine, '/a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await machine.close();
  });
});

describe('every member gets the same rows', () => {
  it('whatever its cache, its groups and what it read ahead', async () => {
    const run = async (
      commands: readonly NamespaceCommand[],
      cache: number,
      group: number,
      ahead: boolean,
    ) => {
      const rows = new MemoryRows();
      const machine = await NamespaceMachine.open({
        rows,
        maxCacheEntries: cache,
        absenceFilterBytes: 64,
      });
      const results: unknown[] = [];
      for (const [position, command] of commands.entries()) {
        if (ahead) await machine.prefetch([command]);
        results.push(machine.apply(command, at(position + 1)));
        if ((position + 1) % group === 0) machine.commit(position + 1, []);
      }
      machine.commit(commands.length, []);
      return { results, rows: treeRows(rows) };
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryCommand, { maxLength: 30, size: 'max' }),
        async (commands) => {
          const first = await run(commands, 100_000, 1000, true);
          expect(await run(commands, 1, 1, false)).toEqual(first);
          expect(await run(commands, 4, 3, true)).toEqual(first);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('after a crash that lost the last batches, once the log is applied again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryCommand, { maxLength: 30, size: 'max' }),
        fc.nat(30),
        fc.nat(30),
        async (commands, crashAfter, survivors) => {
          const undisturbed = new MemoryRows();
          await applyFrom(
            await NamespaceMachine.open({ rows: undisturbed }),
            commands,
            commands.length,
          );
          const rows = new MemoryRows();
          await applyFrom(await NamespaceMachine.open({ rows }), commands, crashAfter);
          rows.crash(survivors);
          const machine = await NamespaceMachine.open({ rows });
          expect(machine.appliedIndex).toBeLessThanOrEqual(crashAfter);
          await applyFrom(machine, commands, commands.length);
          expect(treeRows(rows)).toEqual(treeRows(undisturbed));
        },
      ),
      { numRuns: 80 },
    );
  });
});

/** Two members may divide into stretches differently which commits they hold. */
function treeRows(rows: MemoryRows) {
  return rows.dump().filter(([key]) => !isCommitsKey(key));
}

/** Applies what the log holds behind the machine's index, up to `end`. */
async function applyFrom(
  machine: NamespaceMachine,
  commands: readonly NamespaceCommand[],
  end: number,
) {
  for (const [position, command] of commands.slice(0, end).entries()) {
    if (position < machine.appliedIndex) continue;
    machine.apply(command, at(position + 1));
    machine.commit(position + 1, []);
  }
}

describe('reclaiming', () => {
  it('leaves no row of what was removed, in steps of no more than was asked for', async () => {
    const rows = new MemoryRows();
    const machine = await NamespaceMachine.open({ rows });
    machine.commit(0, []);
    const before = treeRows(rows).length;
    let index = 0;
    for (let directory = 0; directory < 20; directory += 1) {
      for (let file = 0; file < 10; file += 1) {
        index += 1;
        machine.apply(mkdir(`/top/d${directory}/e${file}`), at(index));
        machine.apply(create(`/top/d${directory}/f${file}`), at(index));
      }
    }
    machine.commit(index, []);
    expect(machine.pendingWork()).toBeUndefined();
    const full = treeRows(rows).length;
    machine.apply([{ kind: 'delete', path: byteString('/top'), recursive: true }], at(++index));
    machine.commit(index, []);
    expect(full - treeRows(rows).length).toBeLessThan(5);
    expect(machine.statistics()).toMatchObject({ reclaiming: true, files: 200 });
    let steps = 0;
    for (; machine.pendingWork() !== undefined; steps += 1) {
      const size = treeRows(rows).length;
      const step: Operation = { kind: 'reclaim', maxEntries: 7 };
      await machine.prefetch([[step]]);
      expect(machine.apply([step], at(++index))).toEqual([0]);
      machine.commit(index, []);
      expect(size - treeRows(rows).length).toBeLessThanOrEqual(3 * 7);
    }
    expect(steps).toBeGreaterThan(420 / 7);
    // The root has a start row, since an entry left it.
    expect(treeRows(rows).length).toBe(before + 1);
    expect(machine.statistics()).toMatchObject({ reclaiming: false, directories: 1, files: 0 });
  });

  it('goes on from step to step within one group', async () => {
    const rows = new MemoryRows();
    const machine = await NamespaceMachine.open({ rows });
    for (let n = 0; n < 10; n += 1) machine.apply(create(`/f${n}`), at(1));
    for (let n = 0; n < 10; n += 1) machine.apply(mkdir(`/top/d${n}`), at(1));
    machine.commit(1, []);
    machine.apply([{ kind: 'delete', path: byteString('/top'), recursive: true }], at(2));
    const step: Operation = { kind: 'reclaim', maxEntries: 3 };
    for (let count = 0; count < 3; count += 1) machine.apply([step], at(2));
    machine.commit(2, []);
    expect(machine.statistics()).toMatchObject({ directories: 2, reclaiming: true });
    machine.apply([step], at(3));
    machine.commit(3, []);
    expect(machine.statistics()).toMatchObject({ directories: 1, files: 10, reclaiming: false });
    expect(treeRows(rows).length).toBe(2 * 11 + 1);
  });

  it('reads nothing on the event loop, also when a step is read ahead before the last is applied', async () => {
    const rows = new MemoryRows();
    const first = await NamespaceMachine.open({ rows });
    for (let n = 0; n < 30; n += 1) first.apply(create(`/top/d${n % 2}/f${n}`), at(1));
    for (let n = 0; n < 30; n += 1) first.apply(mkdir(`/top/d${n % 2}/e${n}`), at(1));
    first.apply([{ kind: 'delete', path: byteString('/top'), recursive: true }], at(2));
    first.commit(2, []);
    const machine = await NamespaceMachine.open({ rows });
    const step: Operation = { kind: 'reclaim', maxEntries: 5 };
    await machine.prefetch([[step]]);
    for (let index = 3; machine.pendingWork() !== undefined; index += 1) {
      await machine.prefetch([[step]]);
      machine.apply([step], at(index));
      machine.commit(index, []);
    }
    expect(machine.statistics()).toMatchObject({ directories: 1, files: 0 });
    expect(machine.statistics().store.synchronousMisses).toBe(0);
  });

  it('a step on an empty trash does nothing', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    expect(machine.apply([{ kind: 'reclaim', maxEntries: 5 }], at(1))).toEqual([0]);
  });
});

describe('reading ahead', () => {
  it('is done with one batched read a level, absences included', async () => {
    const rows = new MemoryRows();
    const first = await NamespaceMachine.open({ rows });
    first.apply(mkdir('/a/b'), at(1));
    first.apply(create('/a/b/f'), at(2));
    first.apply(create('/a/g'), at(3));
    first.commit(3, []);
    const machine = await NamespaceMachine.open({ rows });
    const commands = [create('/a/b/new'), create('/a/b/f'), create('/a/new'), create('/x/y')];
    await machine.prefetch(commands);
    // Root; /a and /x; /a/b and /a/new; /a/b/new and /a/b/f.
    expect(machine.statistics().store).toMatchObject({ prefetchRounds: 4, prefetched: 7 });
    expect(machine.prefetch(commands)).toBeUndefined();
    expect(commands.map((command) => machine.apply(command, at(4)))).toEqual([
      [6],
      [['ALREADY_EXISTS', '/a/b/f']],
      [7],
      [['NOT_FOUND', '/x']],
    ]);
    expect(machine.statistics().store.synchronousMisses).toBe(0);
  });

  it('needs no read for new names in directories that are new', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    const commands = [mkdir('/a/b'), ...Array.from({ length: 500 }, (_, n) => create(`/a/b/${n}`))];
    expect(machine.prefetch(commands)).toBeUndefined();
    for (const [position, command] of commands.entries()) machine.apply(command, at(position));
    machine.commit(501, []);
    const { synchronousMisses, prefetched } = machine.statistics().store;
    expect({ synchronousMisses, prefetched }).toEqual({ synchronousMisses: 0, prefetched: 0 });
  });

  it('never brings back what was changed while it read', async () => {
    const rows = new MemoryRows();
    const first = await NamespaceMachine.open({ rows });
    first.apply(create('/f'), at(1));
    first.apply(create('/other'), at(1));
    first.commit(1, []);
    const machine = await NamespaceMachine.open({ rows });
    await machine.prefetch([create('/none')]);
    const reading = machine.query({ kind: 'getStatus', path: byteString('/f') });
    machine.apply([{ kind: 'delete', path: byteString('/f'), recursive: false }], at(2));
    machine.commit(2, []);
    expect(await reading).toEqual(['NOT_FOUND', '/f']);
    expect(await machine.query({ kind: 'getStatus', path: byteString('/f') })).toEqual([
      'NOT_FOUND',
      '/f',
    ]);
    expect(machine.apply(create('/f'), at(3))).toEqual([4]);
  });

  it('by id goes by one moment, whatever moves meanwhile', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    for (const path of ['/a/b/c', '/x']) machine.apply(mkdir(path), at(1));
    machine.commit(1, []);
    for (let turns = 0; turns < 20; turns += 1) {
      const reading = machine.query({ kind: 'getStatusById', id: 4 });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      // /b/c was never its path: a walk that saw c before and b after the moves would say so.
      machine.apply(
        [{ kind: 'rename', source: byteString('/a/b/c'), destination: byteString('/x/c') }],
        at(2),
      );
      machine.apply(
        [{ kind: 'rename', source: byteString('/a/b'), destination: byteString('/b') }],
        at(2),
      );
      machine.commit(2, []);
      const [, path] = await reading;
      expect(['/a/b/c', '/x/c']).toContain(path);
      machine.apply(
        [{ kind: 'rename', source: byteString('/b'), destination: byteString('/a/b') }],
        at(2),
      );
      machine.apply(
        [{ kind: 'rename', source: byteString('/x/c'), destination: byteString('/a/b/c') }],
        at(2),
      );
      machine.commit(2, []);
    }
  });

  it('takes wrong paths as they come', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    const paths = ['', 'a', '/a//b', '/..', `/${'x'.repeat(300)}`, '/a'.repeat(5000)];
    await machine.prefetch(paths.map(create));
    for (const path of paths) {
      const [result] = machine.apply(create(path), at(1)) as readonly unknown[];
      expect(Array.isArray(result)).toBe(true);
    }
  });
});

describe('a listing', () => {
  it('is of one moment, whatever is written while it is read', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    for (const name of ['a', 'b', 'c']) machine.apply(create(`/${name}`), at(1));
    machine.commit(1, []);
    machine.apply(create('/d'), at(2));
    const listing = machine.query({
      kind: 'list',
      path: byteString('/'),
      after: byteString(''),
      limit: 10,
    });
    await Promise.resolve();
    machine.apply([{ kind: 'delete', path: byteString('/a'), recursive: false }], at(3));
    machine.apply(create('/e'), at(3));
    machine.commit(3, []);
    const [entries] = (await listing) as unknown as readonly [readonly (readonly [string])[]];
    expect(entries.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('of a directory without entries looks for none: what was removed is long to pass', async () => {
    const rows = new MemoryRows();
    const machine = await NamespaceMachine.open({ rows });
    const ranges = vi.spyOn(rows, 'range');
    const query = { kind: 'list', path: byteString('/d'), after: NO_BYTES, limit: 10 } as const;
    machine.apply(mkdir('/d'), at(1));
    machine.apply(create('/d/f'), at(1));
    machine.commit(1, []);
    expect(await machine.query(query)).toEqual([[[byteString('f'), expect.anything()]], false]);
    expect(ranges).toHaveBeenCalledTimes(1);
    machine.apply([{ kind: 'delete', path: byteString('/d/f'), recursive: false }], at(2));
    expect(await machine.query(query)).toEqual([[], false]);
    machine.commit(2, []);
    expect(await machine.query(query)).toEqual([[], false]);
    expect(ranges).toHaveBeenCalledTimes(1);
  });

  it('ends with the signal', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    const query = { kind: 'list', path: ROOT_PATH, after: NO_BYTES, limit: 10 } as const;
    await expect(machine.query(query, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});

describe("the framework's rows", () => {
  it('are committed with the rest and read at start', async () => {
    const rows = new MemoryRows();
    const machine = await NamespaceMachine.open({ rows });
    const row = (key: string, value: string | undefined) => ({
      key: Buffer.from(key),
      value: value === undefined ? undefined : Buffer.from(value),
    });
    machine.commit(1, [row('a', '1'), row('b', '2'), row('', '0')]);
    machine.commit(2, [row('a', undefined), row('b', '3')]);
    const again = await NamespaceMachine.open({ rows });
    const found: string[] = [];
    for await (const { key, value } of again.frameworkRows()) {
      found.push(`${Buffer.from(key)}=${Buffer.from(value)}`);
    }
    expect(found).toEqual(['=0', 'b=3']);
    expect(again.appliedIndex).toBe(2);
  });
});

describe('bad input', () => {
  it('is refused with the codes of the framework', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    expect(() => machine.parseCommand([[99, '/']])).toThrow(
      expect.objectContaining({ code: 'INVALID_COMMAND' }),
    );
    expect(() => machine.parseQuery([99, '/'])).toThrow(
      expect.objectContaining({ code: 'INVALID_QUERY' }),
    );
  });

  it('rows of another kind are not opened', async () => {
    const rows = new MemoryRows();
    const batch = rows.batch();
    batch.put(Uint8Array.of(4), Uint8Array.of(99));
    batch.write({ sync: false });
    await expect(NamespaceMachine.open({ rows })).rejects.toMatchObject({ code: 'DATA_FOREIGN' });
    batch.put(Uint8Array.of(4), Uint8Array.of(1, 5));
    batch.write({ sync: false });
    await expect(NamespaceMachine.open({ rows })).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });
});

describe('ids', () => {
  it('end with a refusal, and a chain of directories is made whole or not at all', async () => {
    const rows = new MemoryRows();
    const first = await NamespaceMachine.open({ rows });
    await first.close();
    const batch = rows.batch();
    const state = { ...newTreeState(), nextId: Number.MAX_SAFE_INTEGER - 1 };
    batch.put(STATE_KEY, writeTreeState(new RowWriter(100), state));
    batch.write({ sync: false });

    let machine = await NamespaceMachine.open({ rows });
    expect(machine.apply(mkdir('/a/b/c'), at(1))).toEqual([['IDS_EXHAUSTED', '/a/b/c']]);
    expect(machine.apply(mkdir('/a'), at(2))).toEqual([Number.MAX_SAFE_INTEGER - 1]);
    expect(machine.apply(create('/a/f'), at(3))).toEqual([Number.MAX_SAFE_INTEGER]);
    machine.commit(3, []);
    machine = await NamespaceMachine.open({ rows });
    expect(machine.apply(create('/g'), at(4))).toEqual([['IDS_EXHAUSTED', '/g']]);
    const found = await machine.query({ kind: 'getStatusById', id: Number.MAX_SAFE_INTEGER });
    expect(found[1]).toBe('/a/f');
  });
});
