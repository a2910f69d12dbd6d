import { mkdtemp, open, readdir, rename, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotReceiverCompliance } from '../testing/snapshot-receiver-compliance.js';
import { FileSnapshotReceiver } from './file-snapshot-receiver.js';
import { HEADER, largeRows, parse, snapshotOf } from './snapshot.test.support.js';
import { checkSnapshotFile, readBlocks } from './snapshot-file.js';
import { takeRows } from './snapshot-rows.js';

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
});
