import { copyFile, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@raft-ts/net';
import { checkSnapshotFile, SnapshotKeeper, type SnapshotKeeperOptions } from 'raft-ts';
import { EMPTY_MEMBERSHIP, type LogBase } from 'raft-ts/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  InMemoryMachine,
  type InMemoryMachineEvent,
  type InMemoryMachineOptions,
} from './in-memory-machine.js';
import { Tally, type TallyCommand } from './tally.test.support.js';

const { signal } = new AbortController();
const KEY = Buffer.from([1, 0xff]);
const context = (index: number) => ({ index, logTimeMs: 0, wallMs: 0 });
const baseAt = (index: number): LogBase => ({ index, term: 1, membership: EMPTY_MEMBERSHIP });

let directory: string;
let events: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'in-memory-'));
  events = [];
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

type Given = Partial<InMemoryMachineOptions<TallyCommand, string>>;

async function start(given: Given = {}, keeping: Partial<SnapshotKeeperOptions> = {}) {
  const tally = new Tally();
  const keeper = await SnapshotKeeper.open({
    directory,
    clusterId: 'c',
    keepsNewest: true,
    onEvent: ({ type }) => events.push(type),
    ...keeping,
  });
  const machine = await InMemoryMachine.open({
    machine: tally,
    clusterId: 'c',
    application: { name: 'tally', version: 2 },
    keeper,
    baseAt,
    onEvent: ({ type }: InMemoryMachineEvent) => events.push(type),
    ...given,
  });
  return { tally, keeper, machine };
}

type Started = Awaited<ReturnType<typeof start>>;

/** One entry of one command. */
function add({ machine }: Started, name: string, by = 1): void {
  const index = machine.appliedIndex + 1;
  machine.apply([name, by], context(index));
  machine.commit(index, [{ key: KEY, value: Buffer.from(`as of ${index}`) }]);
}

async function rowsOf({ machine }: Started): Promise<string[]> {
  const rows: string[] = [];
  for await (const { key, value } of machine.frameworkRows()) {
    rows.push(`${Buffer.from(key).toString('hex')} ${Buffer.from(value)}`);
  }
  return rows;
}

async function damage(name: string): Promise<void> {
  await using handle = await open(join(directory, name), 'r+');
  const { size } = await handle.stat();
  // Within the only block: header and end stay as they are.
  await handle.write(Buffer.from([0xaa, 0x55]), 0, 2, size - 80);
}

describe('a machine in memory', () => {
  it('comes back with its state, the rows beside it and the applied index, as of the snapshot', async () => {
    const before = await start();
    expect(await before.machine.flush()).toBe(0);
    add(before, 'a', 5);
    add(before, 'b');
    expect(await before.machine.flush()).toBe(2);
    expect(await before.machine.flush()).toBe(2);
    add(before, 'a');
    await before.machine.close();
    const after = await start();
    expect(after.machine.appliedIndex).toBe(2);
    expect([...after.tally.counts]).toEqual([
      ['a', 5],
      ['b', 1],
    ]);
    expect(await rowsOf(after)).toEqual(['01ff as of 2']);
    expect(after.tally.restored).toEqual([2]);
    after.machine.commit(3, [{ key: KEY, value: undefined }]);
    expect(await rowsOf(after)).toEqual([]);
    expect(await after.machine.query('a')).toBe(5);
  });

  it('goes on applying while a snapshot is written, which is of one moment', async () => {
    const before = await start();
    for (let i = 0; i < 20_000; i++) add(before, `name ${i}`);
    const flushing = before.machine.flush();
    // Also what an entry wrote in the turn in which the snapshot was asked for is not in it.
    let during = 0;
    const applying = setInterval(() => {
      add(before, `name ${during}`);
      add(before, `other ${during++}`);
    }, 0);
    add(before, 'name 19999');
    expect(await flushing).toBe(20_000);
    clearInterval(applying);
    expect(during).toBeGreaterThan(0);
    const after = await start();
    expect(after.tally.counts.size).toBe(20_000);
    expect([...after.tally.counts].every(([, count]) => count === 1)).toBe(true);
    expect(await rowsOf(after)).toEqual(['01ff as of 20000']);
    expect(before.tally.counts.moments).toBe(0);
  });

  it('falls back to the snapshot before, if the newest is damaged', async () => {
    const before = await start();
    add(before, 'a');
    await before.machine.flush();
    add(before, 'a');
    await before.machine.flush();
    await damage('2-1.snapshot');
    const after = await start();
    expect(after.machine.appliedIndex).toBe(1);
    expect(await after.machine.query('a')).toBe(1);
    expect(events).toEqual(['snapshot-damaged']);
    await damage('1-1.snapshot');
    const empty = await start();
    expect([empty.machine.appliedIndex, empty.tally.counts.size]).toEqual([0, 0]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('puts a snapshot off while all that are kept are being read, and keeps the newest', async () => {
    const now = await start({}, { readerTimeoutMs: 1 });
    for (let i = 0; i < 2; i++) {
      add(now, 'a');
      await now.machine.flush();
    }
    add(now, 'a');
    const reading = await now.keeper.read(now.keeper.snapshots[0]?.id ?? '');
    expect(await now.machine.flush()).toBe(2);
    expect(events).toEqual(['snapshot-put-off']);
    await reading?.[Symbol.asyncDispose]();
  });

  it('makes none before it knows what the log begins with behind it', async () => {
    const now = await start({ baseAt: () => undefined });
    add(now, 'a');
    expect(await now.machine.flush()).toBe(0);
    expect(await now.machine.take(0, signal)).toBeUndefined();
  });

  it('gives its state to others, one at a time', async () => {
    const now = await start();
    add(now, 'a');
    expect(await now.machine.take(2, signal)).toBeUndefined();
    const state = await now.machine.take(1, signal);
    expect(state?.base.index).toBe(1);
    const flushing = now.machine.flush();
    const gaveUp = new AbortController();
    const waiting = now.machine.take(1, gaveUp.signal);
    gaveUp.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    add(now, 'a');
    await state?.[Symbol.asyncDispose]();
    expect(await flushing).toBe(2);
  });

  it('takes the state of another in place of its own, and gives up the snapshot it was making', async () => {
    const other = await start();
    for (let i = 0; i < 3; i++) add(other, 'theirs');
    await other.machine.flush();
    const manifest = other.keeper.snapshots.at(-1);
    if (manifest === undefined) throw new Error('there is none');
    const received = await mkdtemp(join(tmpdir(), 'in-memory-received-'));
    await copyFile(join(directory, '3-1.snapshot'), join(received, 'whole'));
    await rm(directory, { recursive: true });
    await mkdir(directory);
    const own = await start();
    add(own, 'own');
    const flushing = own.machine.flush();
    await own.machine.install(join(received, 'whole'), manifest);
    await flushing;
    expect([...own.tally.counts]).toEqual([['theirs', 3]]);
    expect(await rowsOf(own)).toEqual(['01ff as of 3']);
    expect(own.machine.appliedIndex).toBe(3);
    expect(events).toEqual(['snapshot-put-off']);
    const again = await start();
    expect(again.machine.appliedIndex).toBe(3);
    await rm(received, { recursive: true });
  });

  it('answers nothing from half of a state', async () => {
    const other = await start();
    for (const name of ['a', 'b']) add(other, name);
    await other.machine.flush();
    const manifest = other.keeper.snapshots.at(-1);
    if (manifest === undefined) throw new Error('there is none');
    const received = await mkdtemp(join(tmpdir(), 'in-memory-received-'));
    await rename(join(directory, '2-1.snapshot'), join(received, 'whole'));
    const own = await start();
    add(own, 'b');
    const asked: Promise<unknown>[] = [];
    const { counts } = own.tally;
    const set = counts.set.bind(counts);
    counts.set = (name, count) => {
      asked.push(own.machine.query('b'));
      set(name, count);
    };
    await own.machine.install(join(received, 'whole'), manifest);
    expect(await Promise.all(asked)).toEqual([1, 1]);
    // One that could not be read stays none.
    own.tally.restore = () => Promise.reject(new Error('it can not be read'));
    await copyFile(join(directory, '2-1.snapshot'), join(received, 'whole'));
    await expect(own.machine.install(join(received, 'whole'), manifest)).rejects.toThrow('read');
    await expect(own.machine.query('b')).rejects.toThrow('read');
    await rm(received, { recursive: true });
  });

  it('refuses the state of another application, or of a later version', async () => {
    const before = await start();
    add(before, 'a');
    await before.machine.flush();
    for (const application of [
      { name: 'another', version: 2 },
      { name: 'tally', version: 1 },
    ]) {
      await expect(start({ application })).rejects.toMatchObject({ code: 'SNAPSHOT_FOREIGN' });
    }
    const later = await start({ application: { name: 'tally', version: 3 } });
    expect(later.tally.restored).toEqual([2]);
  });

  it('is made of each machine once', async () => {
    const { tally } = await start();
    await expect(start({ machine: tally })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('rejects with what its machine throws, and holds nothing then', async () => {
    const failing = new Tally();
    const error = new Error('no snapshot');
    failing.snapshot = async function* () {
      yield await Promise.reject(error);
    };
    const now = await start({ machine: failing });
    add(now, 'a');
    await expect(now.machine.flush()).rejects.toBe(error);
    expect(await readdir(directory)).toEqual([]);
    await now.machine.close();
  });

  it('lets others have their turns while a snapshot is made and read', async () => {
    let nowMs = 0;
    let turns = 0;
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs++,
      afterInput: (callback: () => void) => {
        turns++;
        return systemClock.afterInput(callback);
      },
    };
    const now = await start({ clock });
    for (let i = 0; i < 50_000; i++) add(now, `name ${i}`);
    await now.machine.flush();
    expect(turns).toBeGreaterThan(5);
    turns = 0;
    await start({ clock });
    expect(turns).toBeGreaterThan(5);
  });

  it('is in a file that begins with these bytes', async () => {
    const now = await start();
    add(now, 'a');
    await now.machine.flush();
    const manifest = await checkSnapshotFile(join(directory, '1-1.snapshot'));
    await using reading = await now.keeper.read(manifest.id);
    const payloads: Buffer[] = [];
    for await (const { payload } of reading?.blocks() ?? []) payloads.push(payload);
    // Format 1; the row; the end of rows; what the machine gave.
    expect(Buffer.concat(payloads).toString('hex')).toBe(
      [
        '0000000101',
        `0000000e92c40201ffc407${Buffer.from('as of 1').toString('hex')}`,
        '00000000',
        '0000000492a16101',
      ].join(''),
    );
  });
});
