import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ByteClient } from '../../client/byte-client.js';
import { byteString, NO_BYTES } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { childPath } from '../../namespace/tree/path.js';
import { MemoryRows } from '../../store/memory-rows.js';
import { NamespaceMachine } from '../../store/namespace-machine.js';
import { TreeWalk } from '../fs/walk-tree.js';
import { MachineClient } from '../machine-client.test.support.js';
import { type LoadOptions, type LoadResult, load } from './load.js';
import { summaryLines } from './load-summary.js';
import { PrincipalNames } from './principals.js';
import { realPath, type SkippedEntry } from './real-entry.js';
import { Skipped } from './skipped.js';
import { TreeLoader } from './tree-loader.js';
import { RealTreeWalk } from './walk-real-tree.js';

const nobody = new PrincipalNames(NO_BYTES);
const principals = { users: nobody, groups: nobody };

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

function loadInto(into: string, options: Partial<LoadOptions> = {}): Promise<LoadResult> {
  return load({ client, source: byteString(top), into: byteString(into), ...options });
}

async function pathsBelow(path: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const step of new TreeWalk(client).below(byteString(path))) {
    if ('error' in step) throw step.error;
    found.set(step.path, step.inode.modifiedMs);
  }
  return found;
}

it('is refused in a mount, whose entries come from its storage', async () => {
  const place = byteString('file:///srv');
  await client.runOne({
    kind: 'mount',
    path: byteString('/m'),
    uri: place,
    place,
    profile: NO_BYTES,
    readOnly: false,
    shared: false,
    syncIntervalMs: -1,
    options: [],
  });
  for (const into of ['/m', '/m/a/b']) {
    const { failure, summary } = await loadInto(into);
    expect(failure).toMatchObject({ code: 'MOUNT_UNSUPPORTED', path: into });
    expect(summary.entries).toBe(0);
  }
  expect(cluster.commands).toBe(1);
  expect(await loadInto('/mm')).toMatchObject({ complete: true, failure: undefined });
});

describe('load', () => {
  it('brings every entry with its attributes, directories included', async () => {
    const entries = makeTree();
    const { summary, complete, failure } = await loadInto('/');
    expect(failure).toBeUndefined();
    expect(complete).toBe(true);
    expect(summary).toMatchObject({
      entries,
      added: entries - 1,
      updated: 1,
      skipped: { count: 0, reasons: [] },
    });
    const found = await pathsBelow('/');
    expect(found.size).toBe(entries - 1);
    expect(found.get('/d7')).toBe(507_000);
    expect(found.get('/d7/inner \xff/deep\n')).toBe(507_000);
    expect(found.get('/d7/inner \xff/deep\n/f3')).toBe(1_003_000);
    expect((await statusOf('/')).modifiedMs).toBe(7000);
    expect((await statusOf('/d7/inner \xff/deep\n/f3')).size).toBe(3);
    expect((await statusOf('/d7/inner \xff/deep\n/link')).target).toBe('/nowhere');
  });

  it('sends nothing when nothing has changed, and says so', async () => {
    const entries = makeTree();
    for (const into of ['/', '/a/b']) {
      await loadInto(into);
      const before = cluster.commands;
      const { summary, complete } = await loadInto(into, { deletes: into !== '/' });
      expect(cluster.commands).toBe(before);
      expect(complete).toBe(true);
      expect(summary).toMatchObject({ entries, added: 0, updated: 0, deleted: 0 });
      expect(summaryLines(summary, complete)).toEqual([
        expect.stringMatching(/, nothing to change$/),
      ]);
    }
  });

  it('brings what is there up to date, and nothing else', async () => {
    const entries = makeTree();
    await loadInto('/a/b');
    const before = await pathsBelow('/a/b');
    write('d1/inner \xff/deep\n/f3', 'changed', 2000);
    unlinkSync(realPath(byteString(`${top}/d1/inner \xff/deep\n/link`)));
    symlinkSync('/elsewhere', realPath(byteString(`${top}/d1/inner \xff/deep\n/link`)));
    utimesSync(realPath(byteString(`${top}/d1/inner \xff/deep\n`)), 501, 501);
    const { summary, complete } = await loadInto('/a/b');
    expect(complete).toBe(true);
    expect(summary).toMatchObject({ entries, added: 0, updated: 2, deleted: 0 });
    const after = await pathsBelow('/a/b');
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect((await statusOf('/a/b/d1/inner \xff/deep\n/f3')).size).toBe(7);
    expect((await statusOf('/a/b/d1/inner \xff/deep\n/link')).target).toBe('/elsewhere');
    expect(after.get('/a/b/d1/inner \xff/deep\n')).toBe(501_000);
  });

  it('replaces what has another type, and deletes only when asked to', async () => {
    makeTree();
    const path = byteString('/d2/inner \xff/deep\n/f3');
    await client.run([
      { kind: 'create', path: byteString('/d1'), attributes: {} },
      { kind: 'mkdir', path: childPath(path, byteString('below')), parents: true, attributes: {} },
      { kind: 'create', path: byteString('/d2/mine'), attributes: {} },
    ]);
    const first = await loadInto('/');
    expect(first.complete).toBe(true);
    expect(first.summary.skipped.count).toBe(0);
    expect((await statusOf('/d1/inner \xff/deep\n/f4')).type).toBe(InodeType.File);
    expect((await statusOf(path)).type).toBe(InodeType.File);
    expect((await statusOf('/d2/mine')).type).toBe(InodeType.File);
    const second = await loadInto('/', { deletes: true });
    expect(second.summary).toMatchObject({ added: 0, updated: 0, deleted: 1 });
    await expect(statusOf('/d2/mine')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await statusOf('/d2')).modifiedMs).toBe(502_000);
  });

  it('deletes nothing where it could not look', async () => {
    makeTree();
    await loadInto('/');
    const real = new RealTreeWalk(byteString(top), principals);
    const unread: SkippedEntry = { type: 'skipped', reason: 'permission denied', kind: 'unread' };
    const next = real.next.bind(real);
    real.next = async () => {
      const step = await next();
      if (step?.path !== '/d1') return step;
      // As of one that may not be opened: its entries stay unknown.
      const below = await next();
      if (below !== undefined) real.leave(below);
      return { ...step, unread };
    };
    const loader = new TreeLoader({ client, real, prefix: NO_BYTES, deletes: true });
    const walk = new TreeWalk(client, { enters: (path) => real.hasDirectory(path) });
    await loader.load({}, await statusOf('/'), walk.below(byteString('/')));
    expect(loader.leftOut.harmless).toBe(false);
    expect(loader.deleted).toBe(0);
    expect((await statusOf('/d1/inner \xff/deep\n/f4')).type).toBe(InodeType.File);
  });

  it('holds trees equal through any edits, and writes nothing where there are none', async () => {
    const name = fc.constantFrom('a', 'b', 'a ', '\xff', 'a!');
    const edit = fc.record({
      kind: fc.constantFrom<Edit['kind']>('file', 'directory', 'link', 'remove', 'mode', 'time'),
      path: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
      value: fc.integer({ min: 0, max: 3 }),
    });
    const rounds = fc.array(fc.array(edit, { maxLength: 8 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rounds, async (edits) => {
        rmSync(top, { recursive: true });
        mkdirSync(top);
        for (const round of edits) {
          for (const each of round) carryOut(each);
          const { summary, complete } = await loadInto('/t', { deletes: true });
          expect(complete).toBe(true);
          const expected = realTree();
          expect(await loadedTree('/t')).toEqual(expected);
          expect(summary.entries).toBe(expected.size);
          const before = cluster.commands;
          expect((await loadInto('/t', { deletes: true })).summary.entries).toBe(expected.size);
          expect(cluster.commands).toBe(before);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has names in its summary as JSON has them, and shows them as text does', async () => {
    mkdirSync(realPath(byteString(`${top}/a\\\xff`)));
    const { summary, complete } = await loadInto('/in\\\xff', {
      source: byteString(`${top}/a\\\xff`),
    });
    expect([summary.source, summary.into]).toEqual([`${top}/a\\\udcff`, '/in\\\udcff']);
    const skipped = new Skipped();
    skipped.add('socket', byteString('/s\\\n\xff'));
    const reasons = skipped.reasons();
    expect(reasons[0]?.examples).toEqual(['/s\\\n\udcff']);
    const all = { ...summary, skipped: { count: 1, reasons } };
    expect(summaryLines(all, complete)).toEqual([
      expect.stringContaining(`Loaded ${top}/a\\\\\\xff into /in\\\\\\xff: `),
      'Skipped 1:',
      '  1  socket: /s\\\\\\n\\xff',
    ]);
  });

  it('goes as deep as a path can', async () => {
    const depth = 1200;
    mkdirSync(`${top}${'/d'.repeat(depth)}`, { recursive: true });
    expect((await loadInto('/')).summary).toMatchObject({ entries: depth + 1, added: depth });
    const before = cluster.commands;
    expect((await loadInto('/')).summary).toMatchObject({ entries: depth + 1, added: 0 });
    expect(cluster.commands).toBe(before);
  });

  it('reports what a rename has put too deep, and goes on', async () => {
    const deep = `${`/${'x'.repeat(254)}`.repeat(15)}/${'d'.repeat(60)}`;
    mkdirSync(`${top}${deep}`, { recursive: true });
    for (const path of [`${deep}/f`, '/z']) writeFileSync(`${top}${path}`, '');
    expect((await loadInto('/t')).summary).toMatchObject({ entries: 19, skipped: { count: 0 } });
    const longer = byteString(`/${'y'.repeat(255)}`);
    await client.run([{ kind: 'rename', source: byteString('/t'), destination: longer }]);
    const { summary, failure, complete } = await loadInto(longer, { deletes: true });
    expect({ failure, complete }).toEqual({ failure: undefined, complete: false });
    // The directory whose entries cannot be compared, and the file in it.
    expect(summary).toMatchObject({ entries: 18, added: 0, deleted: 0, skipped: { count: 2 } });
    expect(summary.skipped.reasons[0]?.reason).toContain('a path has at most 4096 bytes');
  });

  it('says what was acknowledged when the cluster goes away', async () => {
    makeTree();
    cluster.commandsUntilFailure = 2;
    const { summary, complete, failure } = await loadInto('/');
    expect(complete).toBe(false);
    expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
    expect(summary.entries).toBeLessThanOrEqual((await pathsBelow('/')).size + 1);
  });

  it('says neither that all is equal nor that it is not, where it could not look', async () => {
    makeTree();
    cluster.commandsUntilFailure = 0;
    const { summary, complete } = await loadInto('/');
    expect(summary).toMatchObject({ added: 0, updated: 0, deleted: 0 });
    expect(summaryLines(summary, complete)).toEqual([
      expect.stringMatching(/, nothing was changed$/),
    ]);
  });

  it('says what is out of its limits in what is refused, and keeps what was there', async () => {
    const path = byteString('/t/late');
    await client.run([
      { kind: 'mkdir', path: childPath(path, byteString('kept')), parents: true, attributes: {} },
    ]);
    write('late', '', 1);
    write('other', '', 1);
    const real = new RealTreeWalk(byteString(top), principals);
    const next = real.next.bind(real);
    real.next = async () => {
      const step = await next();
      if (step?.path !== '/late' || step.entry.type !== 'file') return step;
      return { ...step, entry: { ...step.entry, attributes: { modifiedMs: 9e15 } } };
    };
    const loader = new TreeLoader({ client, real, prefix: byteString('/t'), deletes: true });
    await loader.load({}, await statusOf('/t'), new TreeWalk(client).below(byteString('/t')));
    expect(loader.leftOut.reasons()).toEqual([
      {
        reason: 'modifiedMs must be a whole number from -8640000000000000 to 8640000000000000',
        count: 1,
        examples: ['/t/late'],
      },
    ]);
    expect(loader.leftOut.harmless).toBe(false);
    expect((await statusOf('/t/late')).type).toBe(InodeType.Directory);
    expect((await statusOf('/t/late/kept')).type).toBe(InodeType.Directory);
    expect((await statusOf('/t/other')).type).toBe(InodeType.File);
  });

  it('refuses what is no directory of this machine', async () => {
    write('file', '', 1);
    for (const source of [`${top}/file`, `${top}/missing`]) {
      await expect(loadInto('/', { source: byteString(source) })).rejects.toMatchObject({
        code: 'ARGUMENT_INVALID',
      });
    }
  });
});

interface Edit {
  readonly kind: 'file' | 'directory' | 'link' | 'remove' | 'mode' | 'time';
  readonly path: string;
  readonly value: number;
}

/** Makes a path what the edit says, whatever is there or on the way. */
function carryOut({ kind, path, value }: Edit): void {
  const at = realPath(byteString(`${top}/${path}`));
  const stats = statsOf(at);
  if (kind === 'remove') {
    if (stats !== undefined) rmSync(at, { recursive: true });
  } else if (kind === 'mode' && stats !== undefined) {
    if (!stats.isSymbolicLink()) chmodSync(at, [0o700, 0o755, 0o4711, 0o1777][value] ?? 0);
  } else if (kind === 'time' && stats !== undefined) {
    lutimesSync(at, 1, [0, 1.0004, 1.0012, 5e9][value] ?? 0);
  } else {
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth += 1) {
      const above = realPath(byteString(`${top}/${names.slice(0, depth).join('/')}`));
      if (statsOf(above)?.isDirectory() === true) continue;
      rmSync(above, { force: true });
      mkdirSync(above);
    }
    rmSync(at, { recursive: true, force: true });
    if (kind === 'directory') mkdirSync(at);
    else if (kind === 'link') symlinkSync('x'.repeat(value + 1), at);
    else writeFileSync(at, 'x'.repeat(value));
  }
}

function statsOf(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

type TreeMap = Map<string, readonly unknown[]>;

/** What is on this machine, read in the plainest way. */
function realTree(): TreeMap {
  const found: TreeMap = new Map();
  const visit = (path: string) => {
    const at = realPath(byteString(`${top}${path}`));
    const stats = lstatSync(at, { bigint: true });
    const ms = Number(stats.mtimeNs / 1_000_000n);
    const target = stats.isSymbolicLink() ? readlinkSync(at, 'latin1') : '';
    const type = stats.isDirectory() ? 'd' : stats.isFile() ? 'f' : 'l';
    found.set(path, [type, Number(stats.size), Number(stats.mode) & 0o7777, ms, target]);
    if (type !== 'd') return;
    for (const name of readdirSync(at, 'latin1')) visit(`${path}/${name}`);
  };
  visit('');
  return found;
}

async function loadedTree(path: string): Promise<TreeMap> {
  const found: TreeMap = new Map();
  const note = (shown: string, { type, size, mode, modifiedMs, target }: Inode) => {
    found.set(shown.slice(path.length), ['dfl'[type], size, mode, modifiedMs, target]);
  };
  note(path, await statusOf(path));
  for await (const step of new TreeWalk(client).below(byteString(path))) {
    if ('error' in step) throw step.error;
    note(step.path, step.inode);
  }
  return found;
}
