import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foundEntries, makeOddTree, realEntries } from './real-tree.js';
import { RunningCluster } from './running-cluster.js';

/** Milliseconds for which a client waits that is not to give up: a change may wait for a former leader's. */
const PATIENT_MS = 600_000;

let directory: string;
let cluster: RunningCluster;
let places = 0;
/** A directory of this machine, and where it is mounted. */
let storage: string;
let point: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mounts-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => {
  places += 1;
  storage = join(directory, `storage-${places}`);
  point = `/m-${places}`;
  mkdirSync(storage);
});

/** What a command that has to succeed printed. */
async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.run(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

/** The code of the error with which a command is refused. */
async function refused(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await cluster.run(...args, '--json');
  expect({ args, code }).toEqual({ args, code: 1 });
  return JSON.parse(stderr).error;
}

/** Entries below a directory, without what a tree does not take over: its own, and sizes of directories. */
function below(top: string, entries: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const compared = [...entries].filter(([path]) => path !== top);
  return new Map(
    compared.map(([path, entry]) => {
      const isDirectory = (entry as { type: string }).type === 'directory';
      return [path, isDirectory ? { ...(entry as object), size: 0 } : entry];
    }),
  );
}

async function inTree(): Promise<ReadonlyMap<string, unknown>> {
  return below(point, foundEntries(await done('fs', 'find', point, '--json')));
}

function inStorage(): ReadonlyMap<string, unknown> {
  return below(point, realEntries(storage, point));
}

async function mount(...options: readonly string[]): Promise<void> {
  await done('mount', point, `file://${storage}`, ...options);
}

async function leader(): Promise<number> {
  const { leader } = await cluster.statusWhen((status) => status.leader !== null);
  return leader ?? 0;
}

describe('a directory that is mounted', () => {
  it('is in the tree as it is, whatever its names', async () => {
    makeOddTree(storage);
    await mount();
    expect(await inTree()).toEqual(inStorage());
    const [status] = JSON.parse(`[${(await done('mounts', '--json')).trim()}]`);
    expect(status).toMatchObject({ path: point, uri: `file://${storage}`, syncIntervalMs: -1 });
    expect(status.entries).toBe(inStorage().size + 1);
    await done('unmount', point);
  });

  it('is looked into when that is asked for, and at an interval', async () => {
    mkdirSync(join(storage, 'd/inner'), { recursive: true });
    writeFileSync(join(storage, 'd/f'), '1');
    writeFileSync(join(storage, 'd/gone'), '1');
    await mount();
    const before = await inTree();
    writeFileSync(join(storage, 'd/f'), '12');
    writeFileSync(join(storage, 'd/new'), '1');
    rmSync(join(storage, 'd/gone'));
    rmSync(join(storage, 'd/inner'), { recursive: true });
    writeFileSync(join(storage, 'd/inner'), 'a file by now');
    // It is never looked at again, unless that is asked for.
    expect(await inTree()).toEqual(before);
    const looked = JSON.parse(await done('fs', 'stat', `${point}/d/f`, '--sync', '0', '--json'));
    expect(looked.size).toBe(2);
    expect(await refused('fs', 'stat', `${point}/d/gone`, '--sync', '0')).toBe('NOT_FOUND');
    const synced = JSON.parse(await done('sync', '-R', point, '--json'));
    expect(synced).toMatchObject({ path: point, directories: 2, entries: 4, skipped: 0 });
    expect(await inTree()).toEqual(inStorage());
    await done('mount', 'update', `${point}/d`, '--sync-interval', '0');
    writeFileSync(join(storage, 'd/later'), '1');
    writeFileSync(join(storage, 'outside'), '1');
    expect((await done('fs', 'ls', `${point}/d`)).split('\n')).toContain('later');
    expect((await done('fs', 'ls', point)).split('\n')).not.toContain('outside');
    await done('mount', 'update', point, '--sync-interval', '0');
    expect((await done('fs', 'ls', point)).split('\n')).toContain('outside');
    await done('unmount', point);
  });

  it('is changed with the tree, and the tree with it', async () => {
    await mount();
    await done('fs', 'mkdir', '-p', `${point}/a/b/c`, `${point}/x`);
    await done('fs', 'touch', `${point}/a/f`);
    expect(await refused('fs', 'location', `${point}/a/f`)).toBe('FILE_INCOMPLETE');
    expect(await done('fs', 'ls', '-l', `${point}/a`)).toMatch(/ incomplete .* f\n/);
    const where = JSON.parse(await done('fs', 'location', '--write', `${point}/a/f`, '--json'));
    expect(where).toMatchObject({ kind: 'path', location: join(storage, 'a/f') });
    writeFileSync(where.location, 'written');
    expect(await refused('fs', 'complete', `${point}/a/f`, '--size', '8')).toBe('CONTENT_DIFFERS');
    await done('fs', 'complete', `${point}/a/f`, '--size', '7');
    await done('fs', 'mv', `${point}/a`, `${point}/x`);
    await done('fs', 'rm', '-r', `${point}/x/a/b`);
    expect([...inStorage().keys()].sort()).toEqual(
      ['/x', '/x/a', '/x/a/f'].map((path) => point + path),
    );
    expect([...(await inTree()).keys()]).toEqual([...inStorage().keys()]);
    await done('sync', '-R', point);
    expect(await inTree()).toEqual(inStorage());
    await done('unmount', point);
    expect(existsSync(join(storage, 'x/a/f'))).toBe(true);
    expect(await refused('fs', 'stat', point)).toBe('NOT_FOUND');
  });

  it('refuses what its storage, or the way it is mounted, has not', async () => {
    writeFileSync(join(storage, 'f'), '1');
    await mount();
    await done('fs', 'ls', point);
    expect(await refused('fs', 'touch', `${point}/f`)).toBe('MOUNT_UNSUPPORTED');
    expect(await refused('fs', 'chmod', '600', `${point}/f`)).toBe('MOUNT_UNSUPPORTED');
    expect(await refused('fs', 'mv', `${point}/f`, '/f')).toBe('MOUNTS_CROSSED');
    expect(await refused('fs', 'rm', '-r', point)).toBe('MOUNT_POINT');
    expect(await refused('load', storage, '--into', `${point}/x`)).toBe('MOUNT_UNSUPPORTED');
    expect(await refused('sync', '/')).toBe('NOT_MOUNTED');
    expect(await refused('mount', `${point}-2`, `file://${storage}/`)).toBe('MOUNT_OVERLAPS');
    expect(await refused('mount', `${point}-2`, `file://${storage}/missing`)).toBe(
      'STORAGE_INVALID',
    );
    const profile = ['--profile', 'nobody'];
    expect(await refused('mount', `${point}-2`, 's3://bucket/', ...profile)).toBe(
      'STORAGE_INVALID',
    );
    await done('mount', `${point}-2`, `file://${storage}`, '--shared', '--read-only');
    expect(await refused('fs', 'touch', `${point}-2/g`)).toBe('MOUNT_READ_ONLY');
    await done('mount', 'update', `${point}-2`, '--read-write');
    await done('fs', 'touch', `${point}-2/g`);
    await done('unmount', `${point}-2`);
    await done('unmount', point);
    expect(readdirSync(storage)).toContain('f');
    expect(await done('locks')).toBe('0 locks\n');
  });

  it('that is not reached is not taken for an empty one, and holds up nobody else', async () => {
    mkdirSync(join(storage, 'd'));
    writeFileSync(join(storage, 'd/f'), '1');
    await mount();
    const before = await inTree();
    renameSync(storage, `${storage}-away`);
    const looked = await cluster.run('fs', 'stat', `${point}/d/f`, '--sync', '0', '--json');
    expect(looked.code).toBe(1);
    expect(JSON.parse(looked.stderr).error).toBe('STORAGE_INVALID');
    expect(await refused('fs', 'rm', `${point}/d/f`)).toBe('STORAGE_INVALID');
    await done('fs', 'stat', `${point}/d/f`, '--sync', '0', '--stale');
    expect(await inTree()).toEqual(before);
    await done('fs', 'mkdir', `${point}-other`);
    const found = await cluster.run('fs', 'find', '/', '--sync', '0', '--json');
    expect(found.code).toBe(1);
    expect([...foundEntries(found.stdout).keys()]).toContain(`${point}-other`);
    const [status] = JSON.parse(`[${(await done('mounts', '--json')).trim()}]`);
    expect(status.condition.lastError).not.toBe('');
    renameSync(`${storage}-away`, storage);
    chmodSync(join(storage, 'd/f'), 0o600);
    await done('sync', '-R', point);
    expect(await inTree()).toEqual(inStorage());
    await done('unmount', point);
  });

  it('agrees with the tree whenever leaders die, and nothing acknowledged is lost', async () => {
    await mount();
    await using client = new NamespaceClient({
      addresses: cluster.addresses,
      timeoutMs: PATIENT_MS,
    });
    const expected = new Set<string>();
    const workers = [0, 1, 2, 3].map(async (worker) => {
      for (let at = 0; at < 30; at += 1) {
        const path = `${point}/${worker}-${at}`;
        await client.mkdir(`${path}/inner`, { parents: true });
        await client.rename(path, `${path}-moved`);
        if (at % 3 === 0) await client.delete(`${path}-moved`, { recursive: true });
        else expected.add(`${path}-moved`).add(`${path}-moved/inner`);
      }
    });
    const working = Promise.all(workers);
    working.catch(() => {});
    for (const acknowledged of [20, 60]) {
      while (expected.size < acknowledged) await new Promise(setImmediate);
      const former = await leader();
      await cluster.kill(former);
      await cluster.startMember(former);
    }
    await working;
    expect(new Set(inStorage().keys())).toEqual(expected);
    expect(new Set((await inTree()).keys())).toEqual(expected);
    await done('sync', '-R', point);
    expect(await inTree()).toEqual(inStorage());
    await done('unmount', point);
    expect(new Set(inStorage().keys())).toEqual(expected);
  });
});
