import { describe, expect, it } from 'vitest';
import {
  complete,
  create,
  mkdir,
  mount,
  remove,
  rename,
  unmount,
  update,
} from '../namespace/mounts/mounted-machine.test.support.js';
import type { Operation } from '../namespace/operations/operation-table.js';
import { byteString } from '../namespace/tree/byte-string.js';
import { InodeType } from '../namespace/tree/inode.js';
import { settled } from './manual-clock.test.support.js';
import { MountsTester } from './mounts-tester.test.support.js';
import { FOR_EVER, type Instead, type Method } from './tree-storage.test.support.js';

/** Of a refusal, what is not for people. */
const told = (answer: unknown) =>
  Array.isArray(answer) ? (answer as readonly unknown[]).slice(0, 2) : answer;

/** /m with the directory d, which has the files x and y, and the file f; all of it is known. */
async function filled(given = {}, access = {}): Promise<MountsTester> {
  const tester = await MountsTester.open({ syncIntervalMs: -1, ...given }, access);
  tester.storage.directory('d');
  for (const path of ['d/x', 'd/y', 'f']) tester.storage.file(path);
  await tester.list('/m');
  await tester.list('/m/d');
  tester.asked();
  return tester;
}

/** The tree and the storage agree, after what is known was looked at again. */
async function agreement(tester: MountsTester): Promise<void> {
  tester.storage.behave(() => undefined);
  await tester.clock.advance(60_000);
  const sync = { kind: 'sync', path: byteString('/m'), recursive: true } as const;
  const answer = await tester.ask(sync);
  expect(answer).toEqual([
    [expect.any(Number), true, expect.any(Number), expect.any(Number), expect.any(Number), 0],
  ]);
  const names: string[] = [];
  const walk = async (path: string) => {
    for (const name of (await tester.list(path)) as string[]) {
      // Its content is not there yet.
      if (isBeingWritten(tester, `${path}/${name}`)) continue;
      names.push(`${path}/${name}`.slice('/m/'.length));
      if ((await tester.stat(`${path}/${name}`)) === 'directory') await walk(`${path}/${name}`);
    }
  };
  await walk('/m');
  expect(names.sort()).toEqual(tester.storage.paths);
  tester.tree.reclaimAll();
  expect(await tester.problems()).toEqual([]);
}

function isBeingWritten({ tree }: MountsTester, path: string): boolean {
  const inode = tree.inode(path);
  return inode?.type === InodeType.File && inode.mounted?.complete === false;
}

describe('a change', () => {
  it('happens in the storage and in the tree', async () => {
    await using tester = await filled();
    expect(await tester.mkdir('/m/new')).toBe(tester.tree.inode('/m/new')?.id);
    expect(await tester.mkdir('/m/p/q/r', true)).toBe(tester.tree.inode('/m/p/q/r')?.id);
    expect(await tester.rename('/m/d', '/m/p/e')).toBe(tester.tree.inode('/m/p/e')?.id);
    expect(await tester.remove('/m/f')).toBeTypeOf('number');
    expect(await tester.remove('/m/p/e', true)).toBeTypeOf('number');
    expect(tester.storage.paths).toEqual(['new', 'p', 'p/q', 'p/q/r']);
    await agreement(tester);
  });

  it('is of a file whose content is written by somebody else', async () => {
    await using tester = await filled();
    expect(await tester.create('/m/d/new')).toBe(tester.tree.inode('/m/d/new')?.id);
    expect(tester.storage.paths).not.toContain('d/new');
    const location = (purpose: 'read' | 'write') =>
      tester.ask({ kind: 'location', path: byteString('/m/d/new'), purpose });
    expect(await location('write')).toEqual([['path', '/srv/d/new', null, null, 0, '']]);
    expect(told(await location('read'))).toEqual(['FILE_INCOMPLETE', '/m/d/new']);
    const finish = (size: number, fingerprint = '') =>
      tester.do(complete('/m/d/new', size, fingerprint));
    expect(told(await finish(7))).toEqual(['CONTENT_DIFFERS', '/m/d/new']);
    tester.storage.file('d/new', { size: 7, fingerprint: 'two' });
    expect(told(await finish(8))).toEqual(['CONTENT_DIFFERS', '/m/d/new']);
    expect(told(await finish(7, 'one'))).toEqual(['CONTENT_DIFFERS', '/m/d/new']);
    expect(await finish(7, 'two')).toBe(tester.tree.inode('/m/d/new')?.id);
    expect(await location('read')).toEqual([['path', '/srv/d/new', null, null, 7, 'two']]);
    expect(told(await location('write'))).toEqual(['ALREADY_EXISTS', '/m/d/new']);
    await agreement(tester);
  });

  it('that the storage refuses leaves both as they were', async () => {
    const changes: readonly (readonly [Method, Operation])[] = [
      ['makeDirectory', mkdir('/m/new')],
      ['rename', rename('/m/d', '/m/e')],
      ['remove', remove('/m/f')],
      ['remove', remove('/m/d', true)],
    ];
    for (const [method, operation] of changes) {
      await using tester = await filled();
      const before = tester.storage.paths;
      tester.storage.once(method, { fails: 'FORBIDDEN' });
      expect(told(await tester.do(operation))).toEqual([
        'STORAGE_FORBIDDEN',
        'path' in operation ? operation.path : '/m/d',
      ]);
      expect(tester.storage.paths).toEqual(before);
      await agreement(tester);
    }
  });

  it('of what somebody else has changed is refused, and then it is found', async () => {
    await using tester = await filled();
    const { storage } = tester;
    storage.directory('new');
    expect(told(await tester.mkdir('/m/new'))).toEqual(['ALREADY_EXISTS', '/m/new']);
    await settled();
    expect(await tester.stat('/m/new')).toBe('directory');
    storage.gone('f');
    storage.directory('f');
    expect(told(await tester.remove('/m/f'))).toEqual(['STORAGE_CHANGED', '/m/f']);
    storage.gone('d/x');
    expect(await tester.remove('/m/d/x')).toBeTypeOf('number');
    storage.gone('d/y');
    expect(told(await tester.rename('/m/d/y', '/m/y'))).toEqual(['NOT_FOUND', '/m/d/y']);
    storage.file('d/z');
    expect(told(await tester.remove('/m/d'))).toEqual(['DIRECTORY_NOT_EMPTY', '/m/d']);
    await agreement(tester);
  });

  it('to a name that the storage cannot hold is refused before anything is done', async () => {
    await using tester = await filled();
    for (const operation of [mkdir('/m/unfit'), create('/m/unfit'), rename('/m/f', '/m/unfit')]) {
      const [code, , detail] = (await tester.do(operation)) as readonly string[];
      expect([code, detail]).toEqual(['NAME_UNSUPPORTED', 'a name that is unfit']);
    }
    expect(tester.asked()).toEqual([]);
    await agreement(tester);
  });

  it('in one that is read-only, or beside others, asks nobody', async () => {
    await using tester = await filled();
    await tester.do(update('/m', { readOnly: true }));
    expect(told(await tester.mkdir('/m/new'))).toEqual(['MOUNT_READ_ONLY', '/m/new']);
    expect(tester.asked()).toEqual([]);
  });
});

/** How a request may end that nobody hears of, and whether the change is made then. */
const LOST: readonly Instead[] = [
  { fails: 'UNREACHABLE' },
  { fails: 'UNREACHABLE', done: true },
  { fails: 'FAILED' },
  { fails: 'FAILED', done: true },
  { throws: new TypeError('a driver with a bug') },
];

const CHANGES: readonly (readonly [Method, Operation])[] = [
  ['makeDirectory', mkdir('/m/new')],
  ['makeDirectory', mkdir('/m/new/q', true)],
  ['rename', rename('/m/d', '/m/e')],
  ['rename', rename('/m/f', '/m/d/f')],
  ['remove', remove('/m/f')],
  ['remove', remove('/m/d', true)],
];

describe('a change whose answer is lost', () => {
  it('is looked for, and done once', async () => {
    for (const [method, operation] of CHANGES) {
      for (const instead of LOST) {
        await using tester = await filled();
        tester.storage.once(method, instead);
        expect(await tester.do(operation), JSON.stringify([operation, instead])).toBeTypeOf(
          'number',
        );
        await agreement(tester);
      }
    }
  });

  it('and that takes effect only while it is tried again, too', async () => {
    for (const [method, operation] of CHANGES.filter(([each]) => each !== 'remove')) {
      await using tester = await filled();
      const { storage } = tester;
      let attempts = 0;
      storage.behave((each) => {
        if (each !== method) return undefined;
        attempts += 1;
        if (attempts === 1) return { fails: 'UNREACHABLE' };
        if (attempts > 2) return undefined;
        // The first request lands before the second one.
        if (operation.kind === 'mkdir') storage.directory('new');
        else {
          const [from, to] = operation.kind === 'rename' ? paths(operation) : ['', ''];
          for (const [path, entry] of [...storage.entries]) {
            if (path !== from && !path.startsWith(`${from}/`)) continue;
            storage.entries.delete(path);
            storage.entries.set(to + path.slice(from.length), { ...entry, name: to });
          }
        }
        return undefined;
      });
      expect(await tester.do(operation), JSON.stringify(operation)).toBeTypeOf('number');
      for (const [path, entry] of [...storage.entries]) {
        storage.entries.set(path, { ...entry, name: path.split('/').at(-1) ?? '' });
      }
      await agreement(tester);
    }
  });

  it('is unknown to a client that does not wait, and goes on', async () => {
    await using tester = await filled();
    tester.storage.behave((method) => (method === 'remove' ? { fails: 'UNREACHABLE' } : undefined));
    await expect(tester.do(remove('/m/f'), 2_000)).rejects.toMatchObject({ message: 'late' });
    expect(tester.tree.mounts.intents.size).toBe(1);
    expect(told(await tester.do(create('/m/f'), 1_000))).toEqual(['LOCKED', '/m/f']);
    tester.storage.behave(() => undefined);
    await tester.clock.advance(60_000);
    expect(tester.storage.paths).not.toContain('f');
    await agreement(tester);
  });

  it('of which nothing was begun is given up in time, and has not happened', async () => {
    const told = [
      [{ waits: FOR_EVER }, 'STORAGE_UNREACHABLE'],
      [{ fails: 'UNREACHABLE' }, 'STORAGE_UNREACHABLE'],
      [{ fails: 'BUSY' }, 'MOUNT_BUSY'],
    ] as const;
    for (const [instead, expected] of told) {
      for (const [, operation] of CHANGES) {
        await using tester = await filled({ syncIntervalMs: -1 });
        tester.storage.behave((method) => (method === 'stat' ? instead : undefined));
        if (operation.kind === 'mkdir' && operation.parents !== true) continue;
        const [code] = (await tester.do(operation, 3_000)) as readonly string[];
        expect(code).toBe(expected);
        expect(tester.tree.mounts.intents.size).toBe(0);
        await agreement(tester);
      }
    }
  });
});

function paths({ source, destination }: { source: string; destination: string }) {
  return [source, destination].map((path) => path.slice('/m/'.length)) as [string, string];
}

describe('a rename by copying', () => {
  const copying = { renames: { files: false, directories: false } };

  it('is seen at one place at each moment, and leaves nothing behind', async () => {
    await using tester = await filled();
    tester.storage.abilities = copying;
    const seen = () =>
      [tester.tree.inode('/m/d'), tester.tree.inode('/m/e')].map((each) => each?.id);
    const moments: unknown[] = [];
    tester.storage.behave((method) => {
      if (method === 'copy' || method === 'removeCopied') moments.push([method, ...seen()]);
      return undefined;
    });
    const { id } = tester.tree.inode('/m/d') ?? {};
    expect(await tester.rename('/m/d', '/m/e')).toBe(id);
    expect(moments).toEqual([
      ['copy', id, undefined],
      ['removeCopied', undefined, id],
    ]);
    await agreement(tester);
  });

  it('goes on after a lost answer, at each step', async () => {
    for (const method of ['copy', 'removeCopied'] as const) {
      for (const instead of LOST) {
        await using tester = await filled();
        tester.storage.abilities = copying;
        tester.storage.once(method, instead);
        expect(await tester.rename('/m/d', '/m/e')).toBe(tester.tree.inode('/m/e')?.id);
        expect(tester.storage.paths).toEqual(['e', 'e/x', 'e/y', 'f']);
        await agreement(tester);
      }
    }
  });

  it('takes back copies where it is refused', async () => {
    await using tester = await filled();
    tester.storage.abilities = copying;
    tester.storage.once('copy', { fails: 'FULL', done: true });
    expect(told(await tester.rename('/m/d', '/m/e'))).toEqual(['STORAGE_FULL', '/m/d']);
    expect(tester.storage.paths).toEqual(['d', 'd/x', 'd/y', 'f']);
    await agreement(tester);
  });

  it('removes no originals where the tree did not follow', async () => {
    await using tester = await filled();
    tester.storage.abilities = copying;
    let moves = 0;
    tester.refuse = (operation) => {
      if (operation.kind !== 'moveIntent') return undefined;
      moves += 1;
      // Somebody has opened an epoch meanwhile: this step comes too late.
      if (moves === 1) tester.tree.apply({ kind: 'openEpoch' });
      return undefined;
    };
    const followed: boolean[] = [];
    tester.storage.behave((method) => {
      if (method === 'removeCopied') followed.push(tester.tree.inode('/m/e') !== undefined);
      return undefined;
    });
    expect(await tester.rename('/m/d', '/m/e')).toBe(tester.tree.inode('/m/e')?.id);
    expect(followed).toEqual([true]);
    expect(tester.storage.paths).toEqual(['e', 'e/x', 'e/y', 'f']);
    await agreement(tester);
  });
});

describe('another leader', () => {
  it('takes up each change at each step, and both sides agree', async () => {
    const kinds: readonly Operation[] = [
      ...CHANGES.map(([, operation]) => operation),
      create('/m/new'),
      rename('/m/d', '/m/e'),
    ];
    for (const [position, operation] of kinds.entries()) {
      for (let requests = 0; ; requests += 1) {
        for (const late of [false, true]) {
          await using tester = await filled();
          const isCopied = position === kinds.length - 1;
          if (isCopied)
            tester.storage.abilities = { renames: { files: false, directories: false } };
          let left = requests;
          let hung = false;
          // The leader dies with a request under way, which takes effect or does not.
          tester.storage.behave(() => {
            left -= 1;
            if (left >= 0 || hung) return undefined;
            hung = true;
            return late ? { fails: 'UNREACHABLE', done: true } : { waits: FOR_EVER };
          });
          const command = tester.command(operation).catch(() => undefined);
          await settled();
          for (let turn = 0; turn < 50 && !hung; turn += 1) await settled();
          await tester.elect();
          await tester.clock.advance(60_000);
          await tester.passing(command);
          expect(tester.tree.mounts.intents.size).toBe(0);
          await agreement(tester);
          if (!hung) left = -1;
          if (left < 0 && !hung) break;
          if (left >= 0) break;
        }
        if (requests > 8) break;
      }
    }
  });

  it('outlasts a request of the former one, and keeps others off until then', async () => {
    await using tester = await filled();
    tester.storage.behave((method) => (method === 'remove' ? { waits: FOR_EVER } : undefined));
    const command = tester.command(remove('/m/f')).catch(() => undefined);
    await tester.passing(settled());
    tester.storage.behave(() => undefined);
    await tester.elect();
    await tester.clock.advance(5_000);
    expect(tester.storage.paths).toContain('f');
    expect(told(await tester.do(create('/m/f'), 2_000))).toEqual(['LOCKED', '/m/f']);
    await tester.clock.advance(20_000);
    expect(tester.storage.paths).not.toContain('f');
    expect(await tester.create('/m/f')).toBeTypeOf('number');
    await tester.passing(command);
  });

  it('goes on where its own steps cannot be applied for some time', async () => {
    await using tester = await filled();
    let refusals = 5;
    tester.refuse = () => {
      refusals -= 1;
      return refusals >= 0 ? 'UNAVAILABLE' : undefined;
    };
    await tester.elect();
    expect(await tester.mkdir('/m/new')).toBeTypeOf('number');
    await agreement(tester);
  });
});

describe('locks', () => {
  it('let changes wait in order, within their deadline, and say who holds them', async () => {
    await using tester = await filled();
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    tester.storage.behave((method) => (method === 'remove' ? { waits: opened } : undefined));
    const removing = tester.command(remove('/m/d', true)).catch(() => 'late');
    await tester.passing(settled());
    const [code, path, detail] = (await tester.do(create('/m/d/new'), 1_500)) as readonly string[];
    expect([code, path]).toEqual(['LOCKED', '/m/d/new']);
    expect(detail).toContain('delete of /m/d');
    const first = tester.command(mkdir('/m/d'));
    const second = tester.command(create('/m/d'));
    await tester.passing(settled());
    const locks = JSON.stringify(await tester.ask({ kind: 'locks' }));
    for (const line of ['"delete","/m/d","held"', '"mkdir","/m/d","waiting"']) {
      expect(locks).toContain(line);
    }
    expect(await tester.mkdir('/m/elsewhere')).toBeTypeOf('number');
    open();
    expect(await tester.passing(removing)).toBeTypeOf('number');
    expect(await tester.passing(first)).toBe(tester.tree.inode('/m/d')?.id);
    expect(told(await tester.passing(second))).toEqual(['ALREADY_EXISTS', '/m/d']);
    expect(await tester.ask({ kind: 'locks' })).toEqual([[]]);
  });

  it('are let go of by whatever ends', async () => {
    await using tester = await filled();
    tester.storage.behave((method) => (method === 'stat' ? { fails: 'FORBIDDEN' } : undefined));
    await tester.do(mkdir('/m/d'));
    await tester.do(mkdir('/m/unfit'));
    await tester.do(remove('/m/none'));
    await tester.do(remove('/m/f'));
    await tester.do(mount('/m/d/n'));
    await tester.do(unmount('/none'));
    await tester.passing(tester.command(remove('/m/f'), 100).catch(() => {}));
    await settled();
    expect(await tester.ask({ kind: 'locks' })).toEqual([[]]);
  });
});

describe('a mount with a change under way', () => {
  it('is unmounted with force, and whoever waits is told', async () => {
    await using tester = await filled();
    tester.storage.behave((method) => (method === 'remove' ? { waits: FOR_EVER } : undefined));
    const removing = tester.command(remove('/m/d', true));
    await tester.passing(settled());
    expect(told(await tester.do(unmount('/m'), 1_000))).toEqual(['LOCKED', '/m']);
    expect(await tester.do(unmount('/m', true))).toBeTypeOf('number');
    expect(told(await tester.passing(removing))).toEqual(['MOUNT_GONE', '/m/d']);
    await tester.clock.advance(60_000);
    expect(await tester.ask({ kind: 'locks' })).toEqual([[]]);
    tester.tree.reclaimAll();
    expect(await tester.problems()).toEqual([]);
  });

  it('goes on with it by the credentials that it gets', async () => {
    await using tester = await filled();
    tester.storage.behave((method) => (method === 'remove' ? { fails: 'UNREACHABLE' } : undefined));
    const removing = tester.command(remove('/m/f')).catch(() => 'late');
    await tester.clock.advance(1_000);
    expect(await tester.do(update('/m', { profile: byteString('ann') }))).toBeTypeOf('number');
    tester.storage.behave(() => undefined);
    expect(await tester.passing(removing)).toBeTypeOf('number');
    await agreement(tester);
  });
});

it('leaves no timer behind', async () => {
  const tester = await filled();
  tester.storage.behave((method) => (method === 'remove' ? { waits: FOR_EVER } : undefined));
  const removing = tester.command(remove('/m/f')).catch(() => {});
  await tester.passing(settled());
  await tester.mounts.close();
  await tester.passing(removing);
  await settled();
  expect(tester.clock.timers).toBe(0);
});
