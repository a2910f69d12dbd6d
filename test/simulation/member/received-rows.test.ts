import { FileSnapshotReceiver, readBlocks, type SnapshotReceiver, takeRows } from 'raft-ts';
import { type SnapshotReceiverHome, snapshotReceiverCompliance } from 'raft-ts/testing';
import { describe, expect, it } from 'vitest';
import { VirtualFiles } from '../disk/virtual-files.js';
import { Random } from '../random.js';
import { ReceivedRows, STATE_DIRECTORY, VirtualRowsReceiver } from './received-rows.js';

const header = { clusterId: 'c', application: { name: 'app', version: 1 } };

/** Files whose disk is never in the way. */
function promptFiles(seed = 1): VirtualFiles {
  return new VirtualFiles({ operate: (done) => done(undefined) }, new Random(seed), () => {});
}

async function rowsHome(): Promise<SnapshotReceiverHome> {
  const files = promptFiles();
  return {
    header,
    open: async () => new VirtualRowsReceiver(files, (replace) => replace()),
    installed: async () => {
      const there = files.at(STATE_DIRECTORY);
      return new Map(there instanceof ReceivedRows ? there.rows() : []);
    },
    remove: async () => files.wipe(),
  };
}

async function filesHome(): Promise<SnapshotReceiverHome> {
  const files = promptFiles();
  const open = (): SnapshotReceiver =>
    new FileSnapshotReceiver({
      directory: 'received',
      storage: files,
      install: (path) => files.rename(path, 'installed'),
    });
  return {
    header,
    open: async () => open(),
    installed: async () => {
      const rows = new Map<string, string>();
      if (!(await files.exists('installed'))) return rows;
      const handle = await files.open('installed', 'r');
      for await (const { payload, rows: count } of readBlocks(handle)) {
        takeRows(payload, count, (key, value) => rows.set(`${key}`, `${value}`));
      }
      return rows;
    },
    remove: async () => files.wipe(),
  };
}

describe('a receiver of rows on virtual files, as any receiver,', () => {
  for (const { name, run } of snapshotReceiverCompliance(rowsHome)) it(name, run);
});

describe("the product's receiver of files, on virtual ones,", () => {
  for (const { name, run } of snapshotReceiverCompliance(filesHome)) it(name, run);
});

describe('virtual files', () => {
  /** What crashes leave of a file of which the first half was synced, and the name of none. */
  async function outcomes(synced: boolean): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const files = promptFiles(seed);
      const handle = await files.open('a/file', 'wx');
      await handle.writeFile(Buffer.from('ab'));
      await handle.sync();
      if (synced) await files.syncDirectory('a');
      await handle.writeFile(Buffer.from('cd'));
      files.crash();
      const left = (await files.exists('a/file')) ? await files.readFile('a/file') : undefined;
      found.add(left === undefined ? 'none' : left.toString('latin1').replaceAll('\0', '0'));
    }
    return found;
  }

  it('keep what was synced, and of the rest a part, or zeros', async () => {
    expect([...(await outcomes(true))].sort()).toEqual([
      'ab',
      'ab0',
      'ab00',
      'abc',
      'abc0',
      'abcd',
    ]);
  });

  it('may lose a name that was not synced', async () => {
    expect(await outcomes(false)).toContain('none');
  });

  it('say that they are full as a file system does', async () => {
    const files = promptFiles();
    const empty = files.fill();
    await expect(files.open('a/file', 'wx')).rejects.toMatchObject({ code: 'ENOSPC' });
    empty();
    await files.open('a/file', 'wx');
  });
});
