import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import { byteString } from '../../namespace/tree/byte-string.js';
import { PrincipalNames } from './principals.js';
import {
  floorToMs,
  type RealEntry,
  type RealLeaf,
  realPath,
  type SkippedEntry,
} from './real-entry.js';
import { type TreeVisitor, walkRealTree } from './walk-real-tree.js';

const principals = {
  users: new PrincipalNames(byteString('me:x:0:0\n')),
  groups: new PrincipalNames(byteString('')),
};

/** Writes down what it is told. */
class Recorder implements TreeVisitor<string> {
  readonly found = new Map<string, RealEntry>();
  readonly order: string[] = [];
  readonly leftOut = new Map<string, SkippedEntry>();
  waits = 0;

  enter(parent: string, name: string, attributes: NewAttributes): string {
    this.found.set(`${parent}/${name}`, { type: 'directory', attributes });
    this.order.push(`enter ${parent}/${name}`);
    return `${parent}/${name}`;
  }

  entry(parent: string, name: string, entry: RealLeaf): void {
    this.found.set(`${parent}/${name}`, entry);
    this.order.push(`entry ${parent}/${name}`);
  }

  leave(directory: string): void {
    this.order.push(`leave ${directory}`);
  }

  skipped(path: string, entry: SkippedEntry): void {
    this.leftOut.set(path, entry);
  }

  abandoned(directory: string): boolean {
    return directory.endsWith('/abandoned');
  }

  room(): Promise<void> {
    this.waits += 1;
    return Promise.resolve();
  }
}

let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'walk-'));
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

async function walk(): Promise<Recorder> {
  const recorder = new Recorder();
  await walkRealTree(byteString(top), '', recorder, principals);
  return recorder;
}

describe('walkRealTree', () => {
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

  it('tells a directory before its entries and leaves it behind them', async () => {
    mkdirSync(join(top, 'd/e'), { recursive: true });
    writeFileSync(join(top, 'd/e/f'), '');
    const { order, waits } = await walk();
    expect(order).toEqual([
      'enter /d',
      'enter /d/e',
      'entry /d/e/f',
      'leave /d/e',
      'leave /d',
      'leave ',
    ]);
    expect(waits).toBe(3);
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
    const { leftOut } = await walk();
    server.close();
    const socket = { type: 'skipped', reason: 'socket', harmless: true };
    expect([...leftOut]).toEqual([[join(top, 'socket'), socket]]);
  });

  it('stays out of what is abandoned, and says what cannot be opened', async () => {
    mkdirSync(join(top, 'abandoned'));
    writeFileSync(join(top, 'abandoned/f'), '');
    expect((await walk()).order).not.toContain('entry /abandoned/f');
    rmSync(top, { recursive: true });
    const { leftOut, order } = await walk();
    const vanished = { type: 'skipped', reason: 'vanished while loading', harmless: true };
    expect([...leftOut]).toEqual([[top, vanished]]);
    expect(order).toEqual(['leave ']);
  });
});

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
