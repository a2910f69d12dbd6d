import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_INTENTS, MAX_OUTCOMES, MAX_PATH_INTERVALS } from '../limits.js';
import type { Operation } from '../operations/operation-table.js';
import { byteString, NO_BYTES } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import { syncIntervalOf } from './mount.js';
import {
  complete,
  create,
  DIRECTORY_FOUND,
  FILE_FOUND,
  MountedMachine,
  mkdir,
  mount,
  remove,
  rename,
  unmount,
  update,
} from './mounted-machine.test.support.js';

let tree: MountedMachine;

/** /m is mounted, with the directory d, which has a file x and a directory s, and the file f. */
beforeEach(async () => {
  tree = await MountedMachine.open();
  tree.apply(mount('/m'));
  tree.appear('/m', 'd/', 'f');
  tree.appear('/m/d', 'x', 's/');
});

const code = (operation: Operation) => {
  const result = tree.apply(operation);
  return typeof result === 'number' ? 'done' : result[0];
};
const soundly = async () => expect(await tree.problems()).toEqual([]);

describe('mount', () => {
  it('makes a directory, or takes an empty one, and is there twice as once', async () => {
    tree.apply(mkdir('/n'));
    const id = tree.apply(mount('/n'));
    expect(tree.inode('/n')?.mounted).toEqual({ mount: id, complete: false, fingerprint: '' });
    expect(tree.apply(mount('/n'))).toBe(id);
    expect(code(mount('/n', { uri: byteString('mem:other') }))).toBe('MOUNT_POINT');
    expect(code(mount('/n', { readOnly: true }))).toBe('MOUNT_POINT');
    expect(code(mount('/n', { options: [[byteString('a'), byteString('b')]] }))).toBe(
      'MOUNT_POINT',
    );
    expect(tree.mounts.entriesOf(Number(id))).toBe(1);
    await soundly();
  });

  it('is refused where something is, or nothing leads', () => {
    tree.apply(mkdir('/n/o', true));
    tree.apply(create('/file'));
    expect(code(mount('/n'))).toBe('ALREADY_EXISTS');
    expect(code(mount('/file'))).toBe('ALREADY_EXISTS');
    expect(code(mount('/file/m'))).toBe('NOT_A_DIRECTORY');
    expect(code(mount('/x/m'))).toBe('NOT_FOUND');
    expect(code(mount('/m/d'))).toBe('ALREADY_EXISTS');
    expect(code(mount('/m/../x'))).toBe('PATH_INVALID');
    expect(code(mount('/'))).toBe('ALREADY_EXISTS');
  });

  it('takes a root in which nothing but mounts is', async () => {
    expect(code(mount('/'))).toBe('done');
    tree.appear('/', 'r/', 'm');
    expect(tree.inode('/m/d')?.type).toBe(InodeType.Directory);
    expect(tree.mounts.of(byteString('/m/d'))?.path).toBe('/m');
    expect(tree.mounts.of(byteString('/r/s'))?.path).toBe('/');
    await soundly();
  });

  it('is refused where the place overlaps with another one, unless it is shared', () => {
    const at = (place: string, shared = false) => ({ place: byteString(place), shared });
    expect(code(mount('/a', at('s3://b/p')))).toBe('done');
    expect(code(mount('/b', at('s3://b/p/q')))).toBe('MOUNT_OVERLAPS');
    expect(code(mount('/b', at('s3://b')))).toBe('MOUNT_OVERLAPS');
    expect(code(mount('/b', at('s3://b/')))).toBe('MOUNT_OVERLAPS');
    expect(code(mount('/b', at('s3://b/p2')))).toBe('done');
    expect(code(mount('/c', at('s3://b/p/q', true)))).toBe('done');
  });

  it('waits for what is being moved or removed above it', async () => {
    const renaming = tree.begin(rename('/m/d', '/m/e'));
    expect(code(mount('/m/d/n'))).toBe('LOCKED');
    expect(code(mount('/m/e'))).toBe('LOCKED');
    tree.finish(renaming);
    expect(code(mount('/m/e/n'))).toBe('done');
    const making = tree.begin(mkdir('/m/p/q', true));
    expect(code(mount('/m/p'))).toBe('LOCKED');
    tree.finish(making, DIRECTORY_FOUND, DIRECTORY_FOUND);
    const removing = tree.begin(remove('/m/e/s', true));
    expect(code(mount('/m/e/s/n'))).toBe('LOCKED');
    tree.finish(removing);
    await soundly();
  });
});

describe('unmount', () => {
  it('takes all that is known away, in the tree only', async () => {
    const id = tree.mounts.at(byteString('/m'))?.id ?? 0;
    expect(tree.apply(unmount('/m'))).toBe(id);
    expect(tree.inode('/m')).toBeUndefined();
    expect(tree.mounts.isEmpty).toBe(true);
    tree.reclaimAll();
    expect(tree.mounts.entriesOf(id)).toBe(0);
    await soundly();
  });

  it('is refused for what is no mount, has mounts below, or changes under way', () => {
    tree.apply(mount('/m/d/n'));
    expect(code(unmount('/m/d'))).toBe('NOT_MOUNTED');
    expect(code(unmount('/x'))).toBe('NOT_MOUNTED');
    expect(tree.apply(unmount('/m'))).toEqual(['MOUNT_POINT', '/m/d/n']);
    tree.begin(create('/m/d/n/x'));
    expect(code(unmount('/m/d/n'))).toBe('LOCKED');
  });

  it('leaves open what the storage above has of the same name', async () => {
    tree.apply(mount('/m/d/n'));
    tree.appear('/m/d', 'n');
    expect(tree.inode('/m/d')).toMatchObject({ children: 3, mounted: { complete: true } });
    tree.apply(unmount('/m/d/n'));
    expect(tree.inode('/m/d')).toMatchObject({ children: 2, mounted: { complete: false } });
    await soundly();
  });

  it('with force ends what is under way, and nobody knows how', async () => {
    const id = tree.begin(create('/m/new'));
    expect(code(unmount('/m', true))).toBe('done');
    expect(tree.finish(id)).toEqual(['MOUNT_GONE', '/m/new']);
    expect(tree.mounts.intents.size).toBe(0);
    await soundly();
  });

  it('empties the root step by step, and leaves no trace of what was mounted there', async () => {
    tree = await MountedMachine.open();
    const id = Number(tree.apply(mount('/')));
    for (let at = 0; at < 2_500; at += 500) {
      tree.appear('/', ...Array.from({ length: 500 }, (_, each) => `f${at + each}`));
    }
    tree.finish(tree.begin(create('/being-written')));
    const under = ['SYNC_UNDER_WAY', '/', '1501 entries have to go first: ask again'];
    expect(tree.apply(unmount('/'))).toEqual(under);
    expect(tree.inode('/')).toMatchObject({ children: 1501, mounted: { complete: false } });
    expect(code(unmount('/'))).toBe('SYNC_UNDER_WAY');
    expect(tree.apply(unmount('/'))).toBe(id);
    expect(tree.inode('/')).toMatchObject({ children: 0, mounted: undefined });
    expect(tree.mounts.entriesOf(id)).toBe(0);
    expect(tree.mounts.isEmpty).toBe(true);
    await soundly();
  });

  it('leaves mounts in the root, and is refused while any lies deeper in it', async () => {
    tree.apply(mount('/'));
    tree.appear('/', 'r/');
    tree.apply(mount('/m/d/n'));
    tree.apply(mount('/r/n'));
    expect(tree.apply(unmount('/'))).toEqual(['MOUNT_POINT', '/r/n']);
    expect(code(unmount('/r/n'))).toBe('done');
    expect(code(unmount('/'))).toBe('done');
    expect(tree.inode('/m/d/x')?.type).toBe(InodeType.File);
    expect(tree.inode('/r')).toBeUndefined();
    tree.reclaimAll();
    await soundly();
  });

  it('of the root with force ends what is under way, too', async () => {
    tree.apply(mount('/'));
    tree.appear('/', 'r/');
    const id = tree.begin(mkdir('/r/new'));
    expect(code(unmount('/'))).toBe('LOCKED');
    expect(code(unmount('/', true))).toBe('done');
    expect(tree.finish(id)).toEqual(['MOUNT_GONE', '/r/new']);
    tree.reclaimAll();
    await soundly();
  });
});

describe('mount update', () => {
  it('changes what is given, and the interval of paths', () => {
    tree.apply(update('/m', { readOnly: true, syncIntervalMs: 7 }));
    tree.apply(update('/m/d', { syncIntervalMs: -1 }));
    tree.apply(update('/m/d/s', { syncIntervalMs: 9 }));
    const found = tree.mounts.at(byteString('/m'));
    if (found === undefined) throw new Error('no mount');
    expect(found).toMatchObject({ readOnly: true, syncIntervalMs: 7 });
    const of = (path: string) => syncIntervalOf(found, byteString(path));
    expect(['/m', '/m/f', '/m/d', '/m/d/x', '/m/dd', '/m/d/s/y'].map(of)).toEqual([
      7, 7, -1, -1, 7, 9,
    ]);
    tree.apply(update('/m/d', { syncIntervalMs: 'inherit' }));
    expect(tree.mounts.at(byteString('/m'))?.intervals).toEqual([['/m/d/s', 9]]);
  });

  it('is refused for what is no mount, for no path, and for what only mounts have', () => {
    expect(code(update('/x', { readOnly: true }))).toBe('NOT_MOUNTED');
    expect(code(update('/m', { syncIntervalMs: 'inherit' }))).toBe('NOT_MOUNTED');
    expect(code(update('/m/d', { readOnly: true, syncIntervalMs: 5 }))).toBe('NOT_MOUNTED');
    expect(code(update('/m/d', { options: [], syncIntervalMs: 5 }))).toBe('NOT_MOUNTED');
    expect(code(update('/m/d', {}))).toBe('NOT_MOUNTED');
    expect(code(update('/m/d/', { syncIntervalMs: 5 }))).toBe('PATH_INVALID');
    expect(code(update(`/m/${'d'.repeat(5_000)}`, { syncIntervalMs: 5 }))).toBe('PATH_TOO_LONG');
    for (let each = 0; each < MAX_PATH_INTERVALS; each += 1) {
      tree.apply(update(`/m/${each}`, { syncIntervalMs: 5 }));
    }
    expect(code(update('/m/more', { syncIntervalMs: 5 }))).toBe('MOUNT_BUSY');
  });
});

describe('a change in a mount', () => {
  it('is begun and seen once it is finished', async () => {
    const id = tree.begin(mkdir('/m/d/new'));
    expect(tree.inode('/m/d/new')).toBeUndefined();
    expect(tree.finish(id, DIRECTORY_FOUND)).toBe(tree.inode('/m/d/new')?.id);
    expect(tree.finish(id, DIRECTORY_FOUND)).toBe(tree.inode('/m/d/new')?.id);
    await soundly();
  });

  it('makes parents that are missing', async () => {
    const id = tree.begin(mkdir('/m/p/q/r', true));
    tree.finish(id, DIRECTORY_FOUND, DIRECTORY_FOUND, DIRECTORY_FOUND);
    expect(tree.inode('/m/p/q/r')?.type).toBe(InodeType.Directory);
    expect(tree.apply(mkdir('/m/p/q/r', true))).toBe(tree.inode('/m/p/q/r')?.id);
    await soundly();
  });

  it('creates a file that is incomplete until its content is there', async () => {
    tree.finish(tree.begin(create('/m/new')));
    expect(tree.inode('/m/new')?.mounted?.complete).toBe(false);
    expect(code(rename('/m/new', '/m/other'))).toBe('FILE_INCOMPLETE');
    tree.finish(tree.begin(complete('/m/new')), FILE_FOUND);
    expect(tree.inode('/m/new')).toMatchObject({ size: 3, mounted: { complete: true } });
    expect(tree.apply(complete('/m/new', 3, 'one'))).toBe(tree.inode('/m/new')?.id);
    expect(tree.apply(complete('/m/new', 3))).toBe(tree.inode('/m/new')?.id);
    expect(code(complete('/m/new', 4))).toBe('CONTENT_DIFFERS');
    expect(code(complete('/m/new', 4, 'one'))).toBe('CONTENT_DIFFERS');
    await soundly();
  });

  it('moves and removes', async () => {
    const { id } = tree.inode('/m/d/x') ?? {};
    tree.finish(tree.begin(rename('/m/d', '/m/e')));
    expect(tree.inode('/m/e/x')?.id).toBe(id);
    tree.finish(tree.begin(remove('/m/e', true)));
    expect(tree.inode('/m/e')).toBeUndefined();
    await soundly();
  });

  it('is seen once it has moved, by copying, and ends when the originals have gone', async () => {
    const intent = tree.begin(rename('/m/d', '/m/e'));
    const move: Operation = { kind: 'moveIntent', intent, epoch: 0 };
    expect(tree.apply(move)).toBe(intent === 0 ? 0 : tree.inode('/m/e')?.id);
    expect(tree.inode('/m/d')).toBeUndefined();
    expect(tree.apply(move)).toBe(intent);
    expect(code(remove('/m/e', true))).toBe('LOCKED');
    expect(code(create('/m/d'))).toBe('LOCKED');
    expect(tree.finish(intent)).toBe(tree.inode('/m/e')?.id);
    await soundly();
  });

  it('of which nothing came leaves the tree as it was', () => {
    const intent = tree.begin(remove('/m/f'));
    const refusal = failure('STORAGE_FORBIDDEN', byteString('/m/f'), 'no');
    const ends: Operation = { kind: 'finishIntent', intent, epoch: 0, found: [], refusal };
    expect(tree.apply(ends)).toEqual(['STORAGE_FORBIDDEN', '/m/f', 'no']);
    expect(tree.apply(ends)).toEqual(['STORAGE_FORBIDDEN', '/m/f', 'no']);
    expect(tree.inode('/m/f')).toBeDefined();
  });

  it('is refused as the tree refuses it', () => {
    tree.apply(mkdir('/plain'));
    tree.apply(mount('/m/d/n'));
    const refused: readonly (readonly [Operation, string])[] = [
      [mkdir('/m/d'), 'ALREADY_EXISTS'],
      [mkdir('/m/f', true), 'ALREADY_EXISTS'],
      [mkdir('/m/p/q'), 'NOT_FOUND'],
      [mkdir('/m/f/q', true), 'NOT_A_DIRECTORY'],
      [mkdir('/m/a//b'), 'PATH_INVALID'],
      [mkdir(`/m/${'x'.repeat(256)}`), 'NAME_TOO_LONG'],
      [mkdir(`/m/${'x/'.repeat(2100)}x`), 'PATH_TOO_LONG'],
      [create('/m/f'), 'ALREADY_EXISTS'],
      [create('/m/p/q'), 'NOT_FOUND'],
      [complete('/m/none'), 'NOT_FOUND'],
      [complete('/m/d'), 'IS_A_DIRECTORY'],
      [complete('/plain'), 'NOT_MOUNTED'],
      [remove('/m/none'), 'NOT_FOUND'],
      [remove('/m/d'), 'MOUNT_POINT'],
      [remove('/m'), 'MOUNT_POINT'],
      [remove('/', true), 'MOUNT_POINT'],
      [rename('/m', '/z'), 'MOUNT_POINT'],
      [rename('/m', '/m/z'), 'MOUNT_POINT'],
      [rename('/m/d', '/m/e'), 'MOUNT_POINT'],
      [rename('/m/f', '/plain/f'), 'MOUNTS_CROSSED'],
      [rename('/plain', '/m/plain'), 'MOUNTS_CROSSED'],
      [rename('/m/f', '/m/d/n/f'), 'MOUNTS_CROSSED'],
      [rename('/m/f', '/m/d/x'), 'ALREADY_EXISTS'],
      [rename('/m/f', '/m/p/q'), 'NOT_FOUND'],
      [rename('/m/d/s', '/m/d/s/t'), 'RENAME_BELOW_ITSELF'],
      [rename('/m/f', '/m/f'), 'done'],
      [
        { kind: 'setAttribute', path: byteString('/m/f'), attributes: { mode: 0 } },
        'MOUNT_UNSUPPORTED',
      ],
      [{ ...mkdir('/m/q'), attributes: { mode: 0 } }, 'MOUNT_UNSUPPORTED'],
      [
        { kind: 'symlink', path: byteString('/m/l'), target: byteString('x'), attributes: {} },
        'MOUNT_UNSUPPORTED',
      ],
    ];
    expect(refused.map(([operation]) => code(operation))).toEqual(refused.map(([, each]) => each));
  });

  it('is refused above a mount, in one that is read-only, and beside other operations', () => {
    tree.apply(mkdir('/a/b', true));
    tree.apply(mount('/a/b/n'));
    expect(code(remove('/a', true))).toBe('MOUNT_POINT');
    expect(code(rename('/a/b', '/c'))).toBe('MOUNT_POINT');
    for (const to of ['/k', '/m/k', '/a/b/n/k']) {
      expect(tree.apply(rename('/a/b/n', to))).toEqual(['MOUNT_POINT', '/a/b/n']);
      expect(tree.apply(rename('/a', to))).toEqual(['MOUNT_POINT', '/a/b/n']);
    }
    expect(code(remove('/m', true))).toBe('MOUNT_POINT');
    expect(tree.command([create('/m/one'), create('/two')])).toEqual([
      ['MOUNT_ALONE', '/m/one'],
      expect.any(Number),
    ]);
    const ofMounts = [mount('/p'), unmount('/m'), update('/m', { readOnly: true })];
    expect(tree.command([...ofMounts, create('/three')])).toEqual([
      ['MOUNT_ALONE', '/p'],
      ['MOUNT_ALONE', '/m'],
      ['MOUNT_ALONE', '/m'],
      expect.any(Number),
    ]);
    tree.apply(update('/m', { readOnly: true }));
    expect(code(create('/m/one'))).toBe('MOUNT_READ_ONLY');
  });

  it('keeps others off what it changes, and off what leads there', () => {
    tree.begin(create('/m/d/s/new'));
    expect(code(create('/m/d/s/new'))).toBe('LOCKED');
    expect(code(remove('/m/d', true))).toBe('LOCKED');
    expect(code(rename('/m/d/s', '/m/t'))).toBe('LOCKED');
    expect(code(rename('/m/f', '/m/d/s/new'))).toBe('LOCKED');
    expect(code(create('/m/d/s/other'))).toBe('BEGUN');
    expect(code(rename('/m/f', '/m/d/s/f'))).toBe('BEGUN');
    expect(code(remove('/m/f'))).toBe('LOCKED');
  });

  it('is refused where too many are under way', () => {
    tree.apply(mount('/other'));
    const half = MAX_INTENTS / 2;
    const ids = Array.from({ length: half }, (_, each) => tree.begin(create(`/m/${each}`)));
    expect(code(create('/m/more'))).toBe('MOUNT_BUSY');
    for (let each = 0; each < half / 2; each += 1) tree.begin(create(`/other/${each}`));
    expect(code(create('/other/more'))).toBe('MOUNT_BUSY');
    for (const id of ids.slice(0, 2)) tree.finish(id);
    expect(code(create('/other/more'))).toBe('BEGUN');
  });

  it('is remembered among the last ones, and steps of former leaders come too late', async () => {
    const first = tree.begin(create('/m/first'));
    const epoch = tree.apply({ kind: 'openEpoch' });
    const late = { intent: first, epoch: 0, found: [], refusal: undefined } as const;
    expect(code({ kind: 'finishIntent', ...late })).toBe('STEP_OVERTAKEN');
    const look = { path: byteString('/m'), directory: tree.inode('/m')?.id ?? 0, changes: [] };
    const { ended } = tree.mounts;
    expect(code({ kind: 'syncEntries', ...look, epoch: 0, ended, complete: false })).toBe(
      'STEP_OVERTAKEN',
    );
    const second = tree.begin(rename('/m/f', '/m/g'));
    expect(code({ kind: 'moveIntent', intent: second, epoch: 0 })).toBe('STEP_OVERTAKEN');
    expect(tree.mounts.epoch).toBe(epoch);
    tree.finish(first);
    const mark = tree.mounts.ended;
    const { id = 0 } = tree.inode('/m') ?? {};
    for (let each = 0; each < MAX_OUTCOMES / 2; each += 1) {
      tree.finish(tree.begin(create('/m/d/y')));
      tree.finish(tree.begin(remove('/m/d/y')));
    }
    expect(tree.finish(first)).toBe(0);
    const at = { path: byteString('/m'), directory: id, ended: mark - 1, changes: [] };
    const step: Operation = {
      kind: 'syncEntries',
      ...at,
      epoch: tree.mounts.epoch,
      complete: false,
    };
    expect(code(step)).toBe('STEP_OVERTAKEN');
    await soundly();
  });
});

describe('what a look found', () => {
  const change = (name: string, had: number, found?: typeof FILE_FOUND) => ({
    name: byteString(name),
    had,
    found,
  });

  it('comes, changes, goes, and becomes another kind', async () => {
    const had = (name: string) => tree.inode(`/m/${name}`)?.id ?? 0;
    const changed = { ...FILE_FOUND, size: 9, fingerprint: byteString('two') };
    expect(
      tree.sync('/m', [
        change('new', 0, FILE_FOUND),
        change('f', had('f'), changed),
        change('d', had('d'), FILE_FOUND),
      ]),
    ).toBe(3);
    expect(tree.inode('/m/f')).toMatchObject({ size: 9, mounted: { fingerprint: 'two' } });
    expect(tree.inode('/m/d')).toMatchObject({ type: InodeType.File });
    expect(tree.sync('/m', [change('f', had('f')), change('nothing', 0)])).toBe(1);
    expect(tree.inode('/m/f')).toBeUndefined();
    tree.reclaimAll();
    await soundly();
  });

  it('passes by what no directory can hold, what is another one by now, and what is locked', async () => {
    const { id: f = 0 } = tree.inode('/m/f') ?? {};
    const { mounts } = tree;
    const mark = mounts.ended;
    tree.finish(tree.begin(create('/m/ours')));
    const removing = tree.begin(remove('/m/f'));
    const step = (...changes: readonly ReturnType<typeof change>[]) =>
      tree.apply({
        kind: 'syncEntries',
        path: byteString('/m'),
        directory: tree.inode('/m')?.id ?? 0,
        epoch: 0,
        ended: mark,
        changes,
        complete: false,
      });
    expect(step(change('f', f, { ...FILE_FOUND, size: 9 }))).toBe(0);
    expect(step(change('ours', tree.inode('/m/ours')?.id ?? 0))).toBe(0);
    expect(step(change('a/b', 0, FILE_FOUND), change('..', 0, FILE_FOUND))).toBe(0);
    expect(step(change('new', 77, FILE_FOUND))).toBe(0);
    expect(step(change('new', 0, { ...FILE_FOUND, owner: byteString('x'.repeat(300)) }))).toBe(0);
    expect(step(change('new', 0, { ...FILE_FOUND, size: -1 }))).toBe(0);
    expect(step(change('new', 0, { ...FILE_FOUND, modifiedMs: 1e300 }))).toBe(0);
    tree.finish(removing);
    expect(step(change('f', 0, FILE_FOUND))).toBe(0);
    expect(tree.inode('/m/f')).toBeUndefined();
    await soundly();
  });

  it('is for nobody but the directory that was looked into', () => {
    const at = { epoch: 0, ended: 0, changes: [], complete: true };
    const step = (path: string, directory: number) =>
      code({ kind: 'syncEntries', path: byteString(path), directory, ...at });
    const id = (path: string) => tree.inode(path)?.id ?? 0;
    tree.apply(mkdir('/plain'));
    expect(step('/m/d', id('/m/d') + 1)).toBe('STEP_OVERTAKEN');
    expect(step('/plain', id('/plain'))).toBe('STEP_OVERTAKEN');
    expect(step('/m/f', id('/m/f'))).toBe('NOT_A_DIRECTORY');
    expect(step('/m/none', 0)).toBe('STEP_OVERTAKEN');
    tree.begin(rename('/m/d', '/m/e'));
    expect(step('/m/d/s', id('/m/d/s'))).toBe('LOCKED');
  });

  it('is not for a directory that we have made since, though it is at the same path', async () => {
    const { ended } = tree.mounts;
    tree.finish(tree.begin(remove('/m/d', true)));
    tree.finish(tree.begin(mkdir('/m/d')), DIRECTORY_FOUND);
    const at = { path: byteString('/m/d'), directory: tree.inode('/m/d')?.id ?? 0, epoch: 0 };
    const changes = [change('x', 0, FILE_FOUND)];
    const step: Operation = { kind: 'syncEntries', ...at, ended, changes, complete: false };
    expect(code(step)).toBe('STEP_OVERTAKEN');
    expect(tree.inode('/m/d/x')).toBeUndefined();
    await soundly();
  });

  it('leaves mounts below and files that are being written', async () => {
    tree.apply(mount('/m/d/s/n'));
    tree.finish(tree.begin(create('/m/writing')));
    const had = (name: string) => tree.inode(`/m/${name}`)?.id ?? 0;
    expect(tree.sync('/m', [change('d', had('d')), change('writing', had('writing'))])).toBe(0);
    expect(tree.sync('/m/d/s', [change('n', tree.inode('/m/d/s/n')?.id ?? 0)])).toBe(0);
    await soundly();
  });

  it('stays out where no path could lead', async () => {
    let path = '/m';
    while (path.length + 256 < 4096) {
      const name = 'x'.repeat(255);
      tree.appear(path, `${name}/`);
      path += `/${name}`;
    }
    const long = 'y'.repeat(4096 - path.length);
    expect(tree.sync(path, [change(long, 0, FILE_FOUND)])).toBe(0);
    expect(tree.sync(path, [change(long.slice(1), 0, FILE_FOUND)])).toBe(1);
    await soundly();
  });

  it('has no other zero in rows than in memory', async () => {
    tree.sync('/m', [change('z', 0, { ...FILE_FOUND, size: -0, modifiedMs: -0 })]);
    const id = tree.inode('/m/z')?.id ?? 0;
    tree.sync('/m', [change('z', id, { ...FILE_FOUND, mode: -0, size: -0, modifiedMs: -0 })]);
    const living = tree.inode('/m/z');
    await tree.reopen();
    expect(tree.inode('/m/z')).toStrictEqual(living);
  });
});

it('files and directories of no mount are changed as ever', () => {
  expect(code({ ...create('/plain'), attributes: { owner: byteString('ann') } })).toBe('done');
  expect(code(rename('/plain', '/other'))).toBe('done');
  expect(tree.inode('/other')).toMatchObject({ mounted: undefined, target: NO_BYTES });
});
