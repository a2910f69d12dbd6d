import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { byteString } from '../../namespace/tree/byte-string.js';
import { PrincipalNames } from './principals.js';
import { floorToMs, type RealEntry, realPath } from './real-entry.js';
import { type RealStep, RealTreeWalk } from './walk-real-tree.js';

const principals = {
  users: new PrincipalNames(byteString('me:x:0:0\n')),
  groups: new PrincipalNames(byteString('')),
};

let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'walk-'));
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

interface Walked {
  readonly found: ReadonlyMap<string, RealEntry>;
  readonly order: readonly string[];
}

async function walk(
  between: (step: RealStep, walk: RealTreeWalk) => void = () => {},
): Promise<Walked> {
  const real = new RealTreeWalk(byteString(top), principals);
  const found = new Map<string, RealEntry>();
  expect(await real.begin()).toBeUndefined();
  for (let step = await real.next(); step !== undefined; step = await real.next()) {
    found.set(step.path, step.entry);
    between(step, real);
  }
  return { found, order: [...found.keys()] };
}

describe('RealTreeWalk', () => {
  it('finds names of every kind, in their bytes', async () => {
    const names = [
      'a b',
      'new\nline',
      'caf\xc3\xa9',
      '\xff\xfe',
      'x'.repeat(255),
      '-rf',
      '\\',
      '\x01',
    ];
    for (const name of names) {
      mkdirSync(realPath(byteString(`${top}/${name}`)));
      writeFileSync(realPath(byteString(`${top}/${name}/${name}`)), 'x');
    }
    const { found } = await walk();
    const expected = names.flatMap((name) => [`/${name}`, `/${name}/${name}`]);
    expect([...found.keys()].sort()).toEqual(expected.sort());
  });

  it('comes to a directory before its entries, and to entries in byte order', async () => {
    for (const path of ['d/e/f', 'd!', 'd/b', 'é', 'z']) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), '');
    }
    const { order } = await walk();
    expect(order).toEqual(['/d', '/d/b', '/d/e', '/d/e/f', '/d!', '/z', '/\xc3\xa9']);
  });

  it('has no directory open between two steps, however deep it is', async () => {
    // Deeper than a process may have files open, and as deep as a path can be asked for.
    const depth = 1500;
    mkdirSync(`${top}${'/d'.repeat(depth)}`, { recursive: true });
    let mostOpen = 0;
    const { order } = await walk(() => {
      mostOpen = Math.max(mostOpen, openBelow(top));
    });
    expect(order).toHaveLength(depth);
    expect(mostOpen).toBe(0);
  });

  it('reads attributes exactly and does not follow links', async () => {
    writeFileSync(join(top, 'f'), '12345');
    chmodSync(join(top, 'f'), 0o4751);
    utimesSync(join(top, 'f'), 1, 1_700_000_000.9999);
    symlinkSync(realPath(byteString('nowhere\xff\n')), join(top, 'l'));
    symlinkSync('.', join(top, 'loop'));
    const { found } = await walk();
    const stats = lstatSync(join(top, 'f'), { bigint: true });
    expect(found.get('/f')).toEqual({
      type: 'file',
      attributes: {
        mode: 0o4751,
        owner: process.getuid?.() === 0 ? 'me' : `${process.getuid?.()}`,
        group: `${process.getgid?.()}`,
        size: 5,
        modifiedMs: Number(stats.mtimeNs / 1_000_000n),
      },
    });
    expect(found.get('/l')).toMatchObject({ type: 'symlink', target: 'nowhere\xff\n' });
    expect(found.get('/loop')?.type).toBe('symlink');
  });

  it('passes on what the tree has no type for', async () => {
    const server = createServer().listen(join(top, 'socket'));
    await once(server, 'listening');
    const { found } = await walk();
    server.close();
    const socket = { type: 'skipped', reason: 'socket', kind: 'special' };
    expect([...found]).toEqual([['/socket', socket]]);
  });

  it('passes over what vanishes, or becomes something else, behind its back', async () => {
    for (const path of ['a/f', 'b/f', 'b/g', 'c/f']) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), '');
    }
    const { found } = await walk(({ path }) => {
      if (path === '/a/f') rmSync(join(top, 'c'), { recursive: true });
      if (path !== '/b/f') return;
      // Its other names are known already.
      rmSync(join(top, 'b'), { recursive: true });
      writeFileSync(join(top, 'b'), '');
    });
    const vanished = { type: 'skipped', reason: 'vanished while loading', kind: 'vanished' };
    expect([...found].map(([path, { type }]) => `${path} ${type}`)).toEqual([
      '/a directory',
      '/a/f file',
      '/b directory',
      '/b/f file',
      '/b/g skipped',
      '/c skipped',
    ]);
    expect([found.get('/b/g'), found.get('/c')]).toEqual([vanished, vanished]);
  });

  it('leaves a directory when it is told to, and says what cannot be opened', async () => {
    for (const path of ['a/b/f', 'a/c', 'z']) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), '');
    }
    const { order } = await walk((step, real) => {
      if (step.path === '/a/b') real.leave(step);
    });
    expect(order).toEqual(['/a', '/a/b', '/z']);
    const nowhere = new RealTreeWalk(byteString(join(top, 'z')), principals);
    expect(await nowhere.begin()).toMatchObject({ reason: 'vanished while loading' });
    expect(await nowhere.next()).toBeUndefined();
  });
});

/** Files below a directory that this process has open. */
function openBelow(directory: string): number {
  let count = 0;
  for (const number of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${number}`).startsWith(directory)) count += 1;
    } catch {
      // It was the one through which they are read.
    }
  }
  return count;
}

describe('floorToMs', () => {
  it.each([
    [0n, 0],
    [999_999n, 0],
    [1_000_000n, 1],
    [-1n, -1],
    [-1_000_000n, -1],
    [-1_000_001n, -2],
    [1_700_000_000_999_999_999n, 1_700_000_000_999],
  ])('%s ns is %s ms', (ns, ms) => {
    expect(floorToMs(ns)).toBe(ms);
  });
});
