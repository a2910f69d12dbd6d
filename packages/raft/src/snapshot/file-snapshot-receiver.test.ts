import { mkdtemp, open, readdir, rename, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotReceiverCompliance } from '../testing/snapshot-receiver-compliance.js';
import { FileSnapshotReceiver } from './file-snapshot-receiver.js';
import { HEADER, largeRows, parse, snapshotOf } from './snapshot.test.support.js';
import { checkSnapshotFile, readBlocks } from './snapshot-file.js';
import { takeRows } from './snapshot-rows.js';
import { machineStorage, type SnapshotHandle, type SnapshotStorage } from './snapshot-storage.js';

async function createHome() {
  const directory = await mkdtemp(join(tmpdir(), 'file-receiver-'));
  const installed = `${directory}-installed`;
  const receivers: FileSnapshotReceiver[] = [];
  return {
    directory,
    header: HEADER,
    open: async () => {
      const receiver = new FileSnapshotReceiver({
        directory,
        install: (path) => rename(path, installed),
      });
      receivers.push(receiver);
      return receiver;
    },
    installed: async () => {
      const rows = new Map<string, string>();
      const handle = await open(installed, 'r').catch(() => undefined);
      if (handle === undefined) return rows;
      for await (const { payload, rows: count } of readBlocks(handle)) {
        takeRows(payload, count, (key, value) => rows.set(`${key}`, `${value}`));
      }
      await handle.close();
      return rows;
    },
    remove: async () => {
      for (const receiver of receivers) await receiver.close();
      await rm(directory, { recursive: true });
      await rm(installed, { force: true });
    },
  };
}

describe('FileSnapshotReceiver, as any receiver,', () => {
  for (const { name, run } of snapshotReceiverCompliance(createHome)) it(name, run);
});

describe('FileSnapshotReceiver', () => {
  const { bytes, manifest, ends } = snapshotOf(HEADER, largeRows(12, 3));
  const { blocks } = parse(bytes, 1 << 16);

  it('goes on with what is whole of a file that a killed process left', async () => {
    const home = await createHome();
    try {
      const path = join(home.directory, 'part');
      for (const [cut, expected] of [
        [(ends[3] ?? 0) - 1, 2],
        [ends[2] ?? 0, 2],
        [(ends[1] ?? 0) - 1_000, 0],
        [10, 0],
        [0, 0],
      ] as const) {
        const receiver = await home.open();
        await receiver.discard();
        await receiver.begin(manifest);
        for (const block of blocks) await receiver.accept(block);
        await receiver.close();
        await truncate(path, cut);
        const again = await home.open();
        const position = await again.begin(manifest);
        expect([cut, position.blocks]).toEqual([cut, expected]);
        for (const block of blocks.slice(expected)) await again.accept(block);
        await using _fetched = await again.complete();
        expect((await checkSnapshotFile(join(home.directory, 'whole'))).id).toBe(manifest.id);
      }
    } finally {
      await home.remove();
    }
  });

  it('does not go on with what is damaged', async () => {
    const home = await createHome();
    try {
      const receiver = await home.open();
      await receiver.begin(manifest);
      for (const block of blocks) await receiver.accept(block);
      await receiver.close();
      const handle = await open(join(home.directory, 'part'), 'r+');
      await handle.write(Buffer.from('damage'), 0, 6, (ends[1] ?? 0) + 500);
      await handle.close();
      expect((await (await home.open()).begin(manifest)).blocks).toBe(1);
      expect(await readdir(home.directory)).toHaveLength(2);
    } finally {
      await home.remove();
    }
  });

  /** What `disk` does to the handles that are opened. */
  async function receiving(disk: (handle: SnapshotHandle) => Partial<SnapshotHandle>) {
    const home = await createHome();
    const storage: SnapshotStorage = {
      ...machineStorage,
      open: async (path, flags) => {
        const handle = await machineStorage.open(path, flags);
        return {
          stat: () => handle.stat(),
          read: (...where) => handle.read(...where),
          writeFile: (written) => handle.writeFile(written),
          truncate: (lengthBytes) => handle.truncate(lengthBytes),
          sync: () => handle.sync(),
          datasync: () => handle.datasync(),
          close: () => handle.close(),
          [Symbol.asyncDispose]: () => handle.close(),
          ...disk(handle),
        };
      },
    };
    const { directory } = home;
    const receiver = new FileSnapshotReceiver({ directory, install: async () => {}, storage });
    return { home, receiver };
  }

  it('has no more than some MiB on their way to the disk', async () => {
    let unsyncedBytes = 0;
    let mostBytes = 0;
    const { home, receiver } = await receiving((handle) => ({
      writeFile: async (written) => {
        unsyncedBytes += written.byteLength;
        mostBytes = Math.max(mostBytes, unsyncedBytes);
        await handle.writeFile(written);
      },
      datasync: async () => {
        unsyncedBytes = 0;
      },
    }));
    const large = snapshotOf(HEADER, largeRows(12, 1));
    await receiver.begin(large.manifest);
    for (const block of parse(large.bytes, 1 << 16).blocks) await receiver.accept(block);
    expect(mostBytes).toBeGreaterThan(8_000_000);
    expect(mostBytes).toBeLessThan(10_000_000);
    await receiver.close();
    await home.remove();
  });

  it('goes on behind the last whole block after a write that failed in its middle', async () => {
    let reads = 0;
    let fails = false;
    const { home, receiver } = await receiving((handle) => ({
      read: (...where) => {
        reads++;
        return handle.read(...where);
      },
      writeFile: async (written) => {
        await handle.writeFile(fails ? written.subarray(0, 1_000) : written);
        if (fails) throw new Error('no room');
      },
    }));
    const [first, second, ...others] = blocks;
    if (first === undefined || second === undefined) throw new Error('two blocks were expected');
    await receiver.begin(manifest);
    await receiver.accept(first);
    fails = true;
    await expect(receiver.accept(second)).rejects.toThrow('no room');
    fails = false;
    reads = 0;
    expect(await receiver.begin(manifest)).toEqual(first.end);
    // Of this process it knows what is there.
    expect(reads).toBe(0);
    for (const block of [second, ...others]) await receiver.accept(block);
    await using _fetched = await receiver.complete();
    expect((await checkSnapshotFile(join(home.directory, 'whole'))).id).toBe(manifest.id);
    await home.remove();
  });

  it('begins anew after an fsync that failed', async () => {
    let fails = true;
    const { home, receiver } = await receiving((handle) => ({
      sync: async () => {
        if (fails) throw new Error('EIO');
        await handle.sync();
      },
    }));
    await receiver.begin(manifest);
    for (const block of blocks) await receiver.accept(block);
    await expect(receiver.complete()).rejects.toThrow('EIO');
    fails = false;
    expect(await receiver.begun()).toBeUndefined();
    expect((await receiver.begin(manifest)).blocks).toBe(0);
    await receiver.close();
    await home.remove();
  });

  it('leaves no file open that it could not begin', async () => {
    let closed = 0;
    const { home, receiver } = await receiving((handle) => ({
      truncate: () => Promise.reject(new Error('EIO')),
      close: async () => {
        closed++;
        await handle.close();
      },
    }));
    await expect(receiver.begin(manifest)).rejects.toThrow('EIO');
    expect(closed).toBe(1);
    await home.remove();
  });
});
