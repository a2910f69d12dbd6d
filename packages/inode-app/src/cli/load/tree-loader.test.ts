import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ByteClient } from '../../client/byte-client.js';
import { byteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { MemoryRows } from '../../store/memory-rows.js';
import { NamespaceMachine } from '../../store/namespace-machine.js';
import { TreeWalk } from '../fs/walk-tree.js';
import { MachineClient } from '../machine-client.test.support.js';
import { type LoadResult, load } from './load.js';
import { realPath } from './real-entry.js';

let top: string;
let cluster: MachineClient;
let client: ByteClient;

beforeEach(async () => {
  top = mkdtempSync(join(tmpdir(), 'load-'));
  cluster = new MachineClient(await NamespaceMachine.open({ rows: new MemoryRows() }));
  client = new ByteClient(cluster);
});

afterEach(async () => {
  await client.close();
  rmSync(top, { recursive: true, force: true });
});

function write(path: string, content: string, seconds: number): void {
  writeFileSync(realPath(byteString(`${top}/${path}`)), content);
  utimesSync(realPath(byteString(`${top}/${path}`)), seconds, seconds);
}

/** A tree with odd names in many directories; times are set last, from the bottom up. */
function makeTree(): number {
  let entries = 1;
  for (let number = 0; number < 40; number += 1) {
    const directory = `d${number}/inner \xff/deep\n`;
    mkdirSync(realPath(byteString(`${top}/${directory}`)), { recursive: true });
    for (let file = 0; file < 30; file += 1)
      write(`${directory}/f${file}`, 'x'.repeat(file), 1000 + file);
    symlinkSync('/nowhere', realPath(byteString(`${top}/${directory}/link`)));
    entries += 3 + 30 + 1;
    for (const path of [directory, `d${number}/inner \xff`, `d${number}`]) {
      utimesSync(realPath(byteString(`${top}/${path}`)), 500, 500 + number);
    }
  }
  utimesSync(top, 7, 7);
  return entries;
}

async function statusOf(path: string): Promise<Inode> {
  return client.getStatus(byteString(path));
}

function loadInto(into: string, source = top): Promise<LoadResult> {
  return load({ client, source: byteString(source), into: byteString(into) });
}

async function pathsBelow(path: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const step of new TreeWalk(client).below(byteString(path))) {
    if ('error' in step) throw step.error;
    found.set(step.path, step.inode.modifiedMs);
  }
  return found;
}

describe('load', () => {
  it('brings every entry with its attributes, directories included', async () => {
    const entries = makeTree();
    const { summary, complete, failure } = await loadInto('/');
    expect(failure).toBeUndefined();
    expect(complete).toBe(true);
    expect(summary).toMatchObject({ entries, updated: 0, skipped: { count: 0, reasons: [] } });
    const found = await pathsBelow('/');
    expect(found.size).toBe(entries - 1);
    expect(found.get('/d7')).toBe(507_000);
    expect(found.get('/d7/inner \xff/deep\n')).toBe(507_000);
    expect(found.get('/d7/inner \xff/deep\n/f3')).toBe(1_003_000);
    expect((await statusOf('/')).modifiedMs).toBe(7000);
    expect((await statusOf('/d7/inner \xff/deep\n/f3')).size).toBe(3);
    expect((await statusOf('/d7/inner \xff/deep\n/link')).target).toBe('/nowhere');
  });

  it('can be repeated, and brings what is there up to date', async () => {
    const entries = makeTree();
    await loadInto('/a/b');
    const before = await pathsBelow('/a/b');
    write('d1/inner \xff/deep\n/f3', 'changed', 2000);
    unlinkSync(realPath(byteString(`${top}/d1/inner \xff/deep\n/link`)));
    symlinkSync('/elsewhere', realPath(byteString(`${top}/d1/inner \xff/deep\n/link`)));
    utimesSync(realPath(byteString(`${top}/d1/inner \xff/deep\n`)), 501, 501);
    const { summary, complete } = await loadInto('/a/b');
    expect(complete).toBe(true);
    expect(summary).toMatchObject({ entries, updated: 40 * 31 });
    const after = await pathsBelow('/a/b');
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect((await statusOf('/a/b/d1/inner \xff/deep\n/f3')).size).toBe(7);
    expect((await statusOf('/a/b/d1/inner \xff/deep\n/link')).target).toBe('/elsewhere');
    expect(after.get('/a/b/d1/inner \xff/deep\n')).toBe(501_000);
  });

  it('leaves alone what has another type, and says so', async () => {
    makeTree();
    await client.run([
      { kind: 'create', path: byteString('/d1'), attributes: {} },
      {
        kind: 'mkdir',
        path: byteString('/d2/inner \xff/deep\n/f3'),
        parents: true,
        attributes: {},
      },
    ]);
    const { summary, complete } = await loadInto('/');
    expect(complete).toBe(false);
    expect(summary.skipped).toEqual({
      count: 2,
      reasons: [
        {
          reason: 'something of another type is there already',
          count: 2,
          examples: expect.arrayContaining(['/d1', '/d2/inner \\xff/deep\\n/f3']),
        },
      ],
    });
    expect((await statusOf('/d1')).type).toBe(InodeType.File);
    expect((await statusOf('/d2/inner \xff/deep\n/f4')).type).toBe(InodeType.File);
    await expect(statusOf('/d1/inner \xff')).rejects.toMatchObject({
      code: 'NOT_A_DIRECTORY',
    });
  });

  it('says what was acknowledged when the cluster goes away', async () => {
    makeTree();
    cluster.commandsUntilFailure = 2;
    const { summary, complete, failure } = await loadInto('/');
    expect(complete).toBe(false);
    expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
    expect(summary.entries).toBeLessThanOrEqual((await pathsBelow('/')).size + 1);
  });

  it('refuses what is no directory of this machine', async () => {
    write('file', '', 1);
    for (const source of [`${top}/file`, `${top}/missing`]) {
      await expect(loadInto('/', source)).rejects.toMatchObject({
        code: 'ARGUMENT_INVALID',
      });
    }
  });
});
