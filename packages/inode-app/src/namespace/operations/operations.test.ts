import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryRows } from '../../store/memory-rows.js';
import { NamespaceMachine } from '../../store/namespace-machine.js';
import { type NewAttributes, NO_ATTRIBUTES } from '../tree/attributes.js';
import { byteString } from '../tree/byte-string.js';
import type { WireStatus } from '../tree/status-codec.js';
import type { Attributes } from '../tree/text-to-bytes.js';
import type { Operation } from './operation-table.js';

let machine: NamespaceMachine;
let timeMs = 0;

beforeEach(async () => {
  machine = await NamespaceMachine.open({ rows: new MemoryRows() });
  timeMs = 1000;
});

function apply(operation: Operation): unknown {
  const results = machine.apply([operation], {
    index: 1,
    logTimeMs: 0,
    wallMs: timeMs,
  }) as readonly unknown[];
  return results[0];
}

/** A character for each byte, also where that is no text. */
function inBytes({ owner, group, ...others }: Attributes): NewAttributes {
  return {
    ...NO_ATTRIBUTES,
    ...others,
    ...(owner === undefined ? {} : { owner: byteString(owner) }),
    ...(group === undefined ? {} : { group: byteString(group) }),
  };
}

function mkdir(path: string, attributes: Attributes = {}): unknown {
  return apply({
    kind: 'mkdir',
    path: byteString(path),
    parents: false,
    attributes: inBytes(attributes),
  });
}

function makeAll(path: string, attributes: Attributes = {}): unknown {
  return apply({
    kind: 'mkdir',
    path: byteString(path),
    parents: true,
    attributes: inBytes(attributes),
  });
}

function create(path: string, attributes: Attributes = {}): unknown {
  const given = inBytes(attributes);
  return apply({ kind: 'create', path: byteString(path), attributes: given });
}

function symlink(path: string, target: string): unknown {
  return apply({
    kind: 'symlink',
    path: byteString(path),
    target: byteString(target),
    attributes: NO_ATTRIBUTES,
  });
}

function rename(source: string, destination: string): unknown {
  return apply({
    kind: 'rename',
    source: byteString(source),
    destination: byteString(destination),
  });
}

function remove(path: string, recursive = false): unknown {
  return apply({ kind: 'delete', path: byteString(path), recursive });
}

function setAttribute(path: string, attributes: Attributes): unknown {
  const given = inBytes(attributes);
  return apply({ kind: 'setAttribute', path: byteString(path), attributes: given });
}

async function status(path: string): Promise<WireStatus> {
  const [found] = (await machine.query({ kind: 'getStatus', path: byteString(path) })) as readonly [
    WireStatus,
  ];
  return found;
}

async function modifiedMs(path: string): Promise<number> {
  return (await status(path))[6];
}

describe('a new tree', () => {
  it('is a root that needs no log', async () => {
    expect(await status('/')).toEqual([1, 0, 0o755, 'root', 'root', 0, 0, 0, '']);
    expect(machine.appliedIndex).toBe(0);
  });
});

describe('mkdir', () => {
  it('gives defaults and what is asked for', async () => {
    expect(mkdir('/a')).toBe(2);
    expect(await status('/a')).toEqual([2, 0, 0o755, 'root', 'root', 0, 1000, 1000, '']);
    mkdir('/b', { mode: 0o1777, owner: 'ann', group: 'staff', modifiedMs: -5, accessedMs: 7 });
    expect(await status('/b')).toEqual([3, 0, 0o1777, 'ann', 'staff', 0, -5, 7, '']);
  });

  it('is refused where something is, or where no directory is', () => {
    create('/f');
    mkdir('/a');
    expect(mkdir('/a')).toEqual(['ALREADY_EXISTS', '/a']);
    expect(mkdir('/f')).toEqual(['ALREADY_EXISTS', '/f']);
    expect(mkdir('/')).toEqual(['ALREADY_EXISTS', '/']);
    expect(mkdir('/x/y/z')).toEqual(['NOT_FOUND', '/x']);
    expect(mkdir('/a/y/z')).toEqual(['NOT_FOUND', '/a/y']);
    expect(mkdir('/f/y')).toEqual(['NOT_A_DIRECTORY', '/f']);
  });

  it('with parents makes those, and is content with what exists', async () => {
    expect(makeAll('/a/b/c', { mode: 0o700, owner: 'ann', modifiedMs: 5 })).toBe(4);
    expect(await status('/a/b')).toEqual([3, 0, 0o755, 'ann', 'root', 0, 1000, 1000, '']);
    expect(await status('/a/b/c')).toEqual([4, 0, 0o700, 'ann', 'root', 0, 5, 1000, '']);
    timeMs = 2000;
    expect(makeAll('/a/b', { mode: 0 })).toBe(3);
    expect(makeAll('/')).toBe(1);
    expect(await status('/a/b')).toEqual([3, 0, 0o755, 'ann', 'root', 0, 1000, 1000, '']);
  });

  it('with parents makes nothing when it is refused', async () => {
    create('/f');
    expect(makeAll('/f')).toEqual(['ALREADY_EXISTS', '/f']);
    expect(makeAll('/f/a/b')).toEqual(['NOT_A_DIRECTORY', '/f']);
    expect(makeAll('/a/b/')).toEqual(['PATH_INVALID', '/a/b/']);
    expect(makeAll('/a/b', { mode: -1 })).toEqual(['ATTRIBUTE_INVALID', '/a/b']);
    expect(await machine.query({ kind: 'getStatus', path: byteString('/a') })).toEqual([
      'NOT_FOUND',
      '/a',
    ]);
  });
});

describe('create and symlink', () => {
  it('make a file and a link', async () => {
    expect(create('/f', { size: 12 })).toBe(2);
    expect(await status('/f')).toEqual([2, 1, 0o644, 'root', 'root', 12, 1000, 1000, '']);
    expect(symlink('/l', '../x\xff')).toBe(3);
    expect(await status('/l')).toEqual([3, 2, 0o777, 'root', 'root', 5, 1000, 1000, '../x\xff']);
  });

  it('never replace anything', () => {
    mkdir('/a');
    symlink('/l', '/a');
    expect(create('/a')).toEqual(['ALREADY_EXISTS', '/a']);
    expect(create('/l')).toEqual(['ALREADY_EXISTS', '/l']);
    expect(symlink('/l', 'b')).toEqual(['ALREADY_EXISTS', '/l']);
    expect(create('/')).toEqual(['ALREADY_EXISTS', '/']);
  });

  it('a link is not followed', async () => {
    mkdir('/a');
    create('/a/f');
    symlink('/l', '/a');
    expect(create('/l/g')).toEqual(['NOT_A_DIRECTORY', '/l']);
    expect(await machine.query({ kind: 'getStatus', path: byteString('/l/f') })).toEqual([
      'NOT_A_DIRECTORY',
      '/l',
    ]);
  });

  it('check the target', () => {
    for (const target of ['', 'a\0', 'x'.repeat(4097)]) {
      expect(symlink('/l', target)).toEqual(['ATTRIBUTE_INVALID', '/l']);
    }
    expect(symlink('/l', 'x'.repeat(4096))).toBe(2);
  });
});

describe('attributes', () => {
  it.each([
    { mode: 0o10000 },
    { mode: -1 },
    { mode: 1.5 },
    { mode: Number.NaN },
    { size: -1 },
    { size: 2 ** 53 },
    { modifiedMs: 8.64e15 + 1 },
    { accessedMs: -8.64e15 - 1 },
    { accessedMs: 0.5 },
    { owner: '' },
    { owner: 'x'.repeat(256) },
    { group: 'a\0' },
  ])('%j is refused', (attributes) => {
    mkdir('/a');
    expect(create('/f', attributes)).toEqual(['ATTRIBUTE_INVALID', '/f']);
    expect(setAttribute('/a', attributes)).toEqual(['ATTRIBUTE_INVALID', '/a']);
  });

  it('change alone, on any inode', async () => {
    create('/f', { owner: 'ann' });
    timeMs = 2000;
    expect(setAttribute('/f', { mode: 0, modifiedMs: 5 })).toBe(2);
    expect(await status('/f')).toEqual([2, 1, 0, 'ann', 'root', 0, 5, 1000, '']);
    expect(setAttribute('/', { owner: 'ann' })).toBe(1);
    expect((await status('/'))[3]).toBe('ann');
    expect(setAttribute('/x', { mode: 0 })).toEqual(['NOT_FOUND', '/x']);
  });

  it('a new size is a modification, unless its time is given', async () => {
    create('/f');
    timeMs = 2000;
    setAttribute('/f', { size: 5 });
    expect(await modifiedMs('/f')).toBe(2000);
    setAttribute('/f', { size: 6, modifiedMs: 1 });
    expect(await modifiedMs('/f')).toBe(1);
  });

  it('stay what they are at the far ends', async () => {
    const far = { size: 2 ** 53 - 1, modifiedMs: -8.64e15, accessedMs: 8.64e15, mode: 0o7777 };
    create('/f', { ...far, owner: '\xff'.repeat(255) });
    machine.commit(1, []);
    expect(await status('/f')).toEqual([
      2,
      1,
      0o7777,
      '\xff'.repeat(255),
      'root',
      2 ** 53 - 1,
      -8.64e15,
      8.64e15,
      '',
    ]);
  });
});

describe('rename', () => {
  it('moves a directory with all below it', async () => {
    makeAll('/a/b');
    create('/a/b/f');
    mkdir('/c');
    expect(rename('/a/b', '/c/d')).toBe(3);
    expect((await status('/c/d/f'))[0]).toBe(4);
    expect(await machine.query({ kind: 'getStatus', path: byteString('/a/b/f') })).toEqual([
      'NOT_FOUND',
      '/a/b',
    ]);
    expect(await machine.query({ kind: 'getStatusById', id: 4 })).toEqual([
      await status('/c/d/f'),
      '/c/d/f',
    ]);
  });

  it('is refused over anything, below itself, and for the root', () => {
    makeAll('/a/b');
    create('/f');
    mkdir('/ab');
    expect(rename('/a', '/f')).toEqual(['ALREADY_EXISTS', '/f']);
    expect(rename('/f', '/a')).toEqual(['ALREADY_EXISTS', '/a']);
    expect(rename('/a', '/a/b/c')).toEqual(['RENAME_BELOW_ITSELF', '/a/b/c']);
    expect(rename('/a', '/a/c')).toEqual(['RENAME_BELOW_ITSELF', '/a/c']);
    expect(rename('/f', '/f/c')).toEqual(['NOT_A_DIRECTORY', '/f']);
    expect(rename('/', '/x')).toEqual(['ROOT_IMMUTABLE', '/']);
    expect(rename('/f', '/')).toEqual(['ROOT_IMMUTABLE', '/']);
    expect(rename('/x', '/y')).toEqual(['NOT_FOUND', '/x']);
    expect(rename('/f', '/x/y')).toEqual(['NOT_FOUND', '/x']);
    expect(rename('/a', '/a/../x')).toEqual(['PATH_INVALID', '/a/../x']);
    expect(rename('/a', '/ab/a')).toBe(2);
  });

  it('from a place to itself does nothing', async () => {
    mkdir('/a');
    timeMs = 2000;
    expect(rename('/a', '/a')).toBe(2);
    expect(await modifiedMs('/')).toBe(1000);
    expect(rename('/x', '/x')).toEqual(['NOT_FOUND', '/x']);
  });
});

describe('delete', () => {
  it('takes files, links and empty directories; the root stays', () => {
    mkdir('/a');
    create('/a/f');
    expect(remove('/a')).toEqual(['DIRECTORY_NOT_EMPTY', '/a']);
    expect(remove('/a/f')).toBe(3);
    expect(remove('/a')).toBe(2);
    expect(remove('/a')).toEqual(['NOT_FOUND', '/a']);
    expect(remove('/', true)).toEqual(['ROOT_IMMUTABLE', '/']);
  });

  it('recursive cuts off, and never gives an id again', async () => {
    makeAll('/a/b/c');
    expect(remove('/a', true)).toBe(2);
    expect(await machine.query({ kind: 'getStatusById', id: 4 })).toEqual(['NOT_FOUND', '']);
    expect(mkdir('/a')).toBe(5);
    expect(
      await machine.query({
        kind: 'list',
        path: byteString('/a'),
        after: byteString(''),
        limit: 10,
      }),
    ).toEqual([[], false]);
  });
});

describe('times of directories', () => {
  it('change when entries come, go or move, also to an earlier time', async () => {
    makeAll('/a/b');
    mkdir('/c');
    timeMs = 2000;
    create('/a/f');
    expect([await modifiedMs('/a'), await modifiedMs('/'), await modifiedMs('/a/b')]).toEqual([
      2000, 1000, 1000,
    ]);
    timeMs = 3000;
    rename('/a/f', '/c/f');
    expect([await modifiedMs('/a'), await modifiedMs('/c')]).toEqual([3000, 3000]);
    timeMs = 4000;
    remove('/c/f');
    expect(await modifiedMs('/c')).toBe(4000);
    setAttribute('/c', { modifiedMs: 9000 });
    timeMs = 5000;
    create('/c/f');
    expect(await modifiedMs('/c')).toBe(5000);
  });
});

describe('paths that are too long', () => {
  it('are refused, and not sent back whole', () => {
    expect(create(`/${'x'.repeat(256)}`)).toEqual(['NAME_TOO_LONG', `/${'x'.repeat(256)}`]);
    const path = '/a'.repeat(10_000);
    expect(create(path)).toEqual(['PATH_TOO_LONG', path.slice(0, 4096)]);
  });
});
