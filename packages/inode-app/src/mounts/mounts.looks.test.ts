import { describe, expect, it } from 'vitest';
import { mount, unmount, update } from '../namespace/mounts/mounted-machine.test.support.js';
import { byteString } from '../namespace/tree/byte-string.js';
import { settled } from './manual-clock.test.support.js';
import { MountsTester } from './mounts-tester.test.support.js';
import { FOR_EVER } from './tree-storage.test.support.js';

const NEVER_AGAIN = { syncIntervalMs: -1 };
const SECONDS = { syncIntervalMs: 10_000 };

/** Of a refusal, what is not for people. */
const told = (answer: unknown) => (answer as readonly unknown[]).slice(0, 2);

/** Something that comes when the test says so. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('the first access', () => {
  it('looks for a path, and brings in what is around it', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.directory('d');
    tester.storage.file('d/x', { size: 7 });
    tester.storage.file('d/y');
    expect(await tester.stat('/m/d/x')).toBe('file');
    await settled();
    expect(tester.asked()).toEqual(['stat d/x', 'stat d', 'list d']);
    expect(tester.tree.inode('/m/d/x')).toMatchObject({ size: 7, mounted: { complete: true } });
    expect(tester.tree.inode('/m/d/y')).toBeDefined();
    expect(await tester.stat('/m/d/y')).toBe('file');
    expect(tester.asked()).toEqual([]);
  });

  it('lists a directory', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    for (const name of ['b', 'a', 'c']) tester.storage.file(name);
    tester.storage.pageEntries = 2;
    expect(await tester.list('/m')).toEqual(['a', 'b', 'c']);
    expect(await tester.list('/m')).toEqual(['a', 'b', 'c']);
    expect(tester.asked()).toEqual(['list', 'list']);
    expect(await tester.problems()).toEqual([]);
  });

  it('of a link brings in where it points', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.file('l', { type: 'symlink', size: 0, target: '../\u00fc', fingerprint: '' });
    expect(await tester.stat('/m/l')).toBe('link');
    expect(tester.tree.inode('/m/l')).toMatchObject({ target: '../\xc3\xbc', size: 5 });
  });

  it('of what lies deep below what is not there asks no more for each level of it', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.directory('a');
    const deep = `/m/a/b${'/c'.repeat(50)}`;
    expect(await tester.ask({ kind: 'getStatus', path: byteString(deep) })).toEqual([
      'NOT_FOUND',
      '/m/a/b',
    ]);
    expect(tester.asked()).toEqual([`stat ${deep.slice(3)}`, 'stat a', 'stat a/b']);
    expect(await tester.problems()).toEqual([]);
  });

  it('of what is not there is remembered for as long as what is there', async () => {
    await using tester = await MountsTester.open(SECONDS);
    expect(await tester.stat('/m/a/b')).toBe('NOT_FOUND');
    expect(await tester.stat('/m/a/b')).toBe('NOT_FOUND');
    await settled();
    expect(tester.asked()).toEqual(['stat a/b', 'stat a']);
    await tester.clock.advance(10_001);
    tester.storage.directory('a');
    tester.storage.file('a/b');
    expect(await tester.stat('/m/a/b')).toBe('file');
  });
});

describe('a look', () => {
  it('is shared by all who wait for it', async () => {
    await using tester = await MountsTester.open();
    tester.storage.file('x');
    const { opened, open } = gate();
    tester.storage.behave(() => ({ waits: opened }));
    const path = byteString('/m/x');
    const waiting = [1, 2, 3].map(() => tester.query({ kind: 'getStatus', path }));
    await settled();
    open();
    for (const each of waiting) expect(await tester.passing(each)).toHaveLength(1);
    const stats = tester.asked().filter((each) => each === 'stat x');
    expect(stats).toHaveLength(1);
  });

  it('that failed is told, and the next one asks again', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.file('x');
    tester.storage.once('stat', { fails: 'FORBIDDEN' });
    expect(await tester.stat('/m/x')).toBe('STORAGE_FORBIDDEN');
    expect(await tester.stat('/m/x')).toBe('file');
    tester.storage.once('list', { fails: 'FAILED' });
    const now = { syncIntervalMs: 0 };
    expect(await tester.list('/m', now)).toBe('STORAGE_FAILED');
    expect(await tester.list('/m', now)).toEqual(['x']);
  });

  it('that a driver breaks in its own way fails for those who asked, and for nobody else', async () => {
    await using tester = await MountsTester.open();
    tester.storage.file('x');
    tester.storage.behave(() => ({ throws: new TypeError('a driver with a bug') }));
    await expect(tester.stat('/m/x')).rejects.toThrow('a driver with a bug');
    await expect(tester.list('/m')).rejects.toThrow('a driver with a bug');
    tester.storage.behave(() => undefined);
    expect(await tester.list('/m')).toEqual(['x']);
  });

  it('finds what changed, appeared, went, and became another kind', async () => {
    await using tester = await MountsTester.open();
    const { storage, tree } = tester;
    for (const name of ['changed', 'gone', 'same']) storage.file(name);
    storage.directory('kind');
    storage.file('kind/below');
    await tester.list('/m');
    await tester.list('/m/kind');
    const same = tree.inode('/m/same')?.id;
    storage.file('changed', { size: 9, fingerprint: 'two' });
    storage.file('appeared');
    storage.gone('gone');
    storage.gone('kind');
    storage.file('kind');
    expect(await tester.list('/m')).toEqual(['appeared', 'changed', 'kind', 'same']);
    expect(tree.inode('/m/changed')).toMatchObject({ size: 9, mounted: { fingerprint: 'two' } });
    expect(tree.inode('/m/same')?.id).toBe(same);
    expect(await tester.stat('/m/kind')).toBe('file');
    expect(await tester.stat('/m/kind/below')).toBe('NOT_A_DIRECTORY');
    tree.reclaimAll();
    expect(await tester.problems()).toEqual([]);
  });

  it('for one path finds the same', async () => {
    await using tester = await MountsTester.open();
    const { storage } = tester;
    storage.directory('d');
    storage.directory('d/e');
    storage.file('d/e/x');
    expect(await tester.stat('/m/d/e/x')).toBe('file');
    storage.file('d/e/x', { size: 99 });
    await tester.stat('/m/d/e/x');
    expect(tester.tree.inode('/m/d/e/x')?.size).toBe(99);
    storage.gone('d');
    expect(await tester.stat('/m/d/e/x')).toBe('NOT_FOUND');
    expect(tester.tree.inode('/m/d')).toBeUndefined();
    storage.file('d');
    expect(await tester.stat('/m/d')).toBe('file');
    tester.tree.reclaimAll();
    expect(await tester.problems()).toEqual([]);
  });

  it('at a directory that has gone tells that it has', async () => {
    await using tester = await MountsTester.open();
    tester.storage.directory('d');
    await tester.list('/m');
    tester.storage.gone('d');
    expect(await tester.list('/m/d')).toBe('NOT_FOUND');
    tester.storage.gone('');
    expect(await tester.list('/m')).toBe('STORAGE_INVALID');
    expect(tester.tree.inode('/m')).toBeDefined();
  });

  it('finds what a mount had hidden once that has gone, however fresh the listing', async () => {
    await using tester = await MountsTester.open({ syncIntervalMs: 10_000 });
    await tester.list('/m');
    await tester.do(mount('/m/n'));
    tester.storage.directory('n');
    tester.storage.file('n/x');
    await tester.clock.advance(10_001);
    expect(await tester.list('/m')).toEqual(['n']);
    expect(tester.tree.mounts.at(byteString('/m/n'))).toBeDefined();
    await tester.do(unmount('/m/n'));
    expect(await tester.list('/m')).toEqual(['n']);
    expect(await tester.list('/m/n')).toEqual(['x']);
  });

  it('at a directory that has gone, but leads to a mount, leaves that, and ends', async () => {
    await using tester = await MountsTester.open();
    tester.storage.directory('d');
    tester.storage.file('d/x');
    expect(await tester.list('/m/d')).toEqual(['x']);
    await tester.do(mount('/m/d/n'));
    tester.storage.gone('d');
    tester.asked();
    expect(await tester.list('/m/d')).toEqual(['n']);
    expect(tester.asked()).toEqual(['list d', 'stat d']);
    expect(await tester.list('/m')).toEqual(['d']);
    tester.storage.behave(() => ({ fails: 'NOT_FOUND' }));
    expect(await tester.list('/m/d')).toBe('STORAGE_INVALID');
    expect(await tester.problems()).toEqual([]);
  });

  it('that changes nothing proposes nothing, with mounts and files that are being written in it, too', async () => {
    await using tester = await MountsTester.open();
    tester.storage.file('x');
    await tester.list('/m');
    await tester.create('/m/writing');
    await tester.do(mount('/m/n'));
    await tester.list('/m');
    tester.commands.length = 0;
    expect(await tester.list('/m')).toEqual(['n', 'writing', 'x']);
    expect(tester.commands).toEqual([]);
  });

  it('finds what went while a look at another path brought something in', async () => {
    await using tester = await MountsTester.open();
    const { storage } = tester;
    for (const name of ['a', 'b']) storage.file(name);
    await tester.list('/m');
    storage.gone('b');
    storage.file('c');
    const { opened, open } = gate();
    storage.behave((method) => (method === 'list' ? { waits: opened } : undefined));
    const listing = tester.list('/m');
    await settled();
    expect(await tester.passing(tester.stat('/m/c'))).toBe('file');
    open();
    expect(await listing).toEqual(['a', 'c']);
  });

  it('never takes back what we have changed since it began', async () => {
    await using tester = await MountsTester.open();
    const { storage } = tester;
    for (const name of ['a', 'b', 'c']) storage.file(name);
    await tester.list('/m', { syncIntervalMs: -1 });
    const { opened, open } = gate();
    let listed = false;
    storage.pageEntries = 1;
    storage.behave((method) => {
      if (method !== 'list') return undefined;
      const first = !listed;
      listed = true;
      return first ? undefined : { waits: opened };
    });
    const listing = tester.list('/m', { syncIntervalMs: 0 });
    await settled();
    expect(await tester.remove('/m/a')).toBeTypeOf('number');
    expect(await tester.rename('/m/b', '/m/d')).toBeTypeOf('number');
    expect(await tester.mkdir('/m/e')).toBeTypeOf('number');
    open();
    await listing;
    expect(await tester.list('/m', { syncIntervalMs: -1 })).toEqual(['c', 'd', 'e']);
    storage.behave(() => undefined);
    expect(await tester.list('/m')).toEqual(['c', 'd', 'e']);
    expect(await tester.problems()).toEqual([]);
  });

  it('for a path that we rename something to is not remembered as finding nothing', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.directory('a');
    tester.storage.file('a/x');
    expect(await tester.stat('/m/b/x')).toBe('NOT_FOUND');
    expect(await tester.rename('/m/a', '/m/b')).toBeTypeOf('number');
    expect(await tester.stat('/m/b/x')).toBe('file');
  });

  it('passes by and reports what no tree can hold', async () => {
    await using tester = await MountsTester.open();
    const { storage } = tester;
    storage.file('fine');
    storage.file('odd', { owner: 'x'.repeat(300) });
    storage.file('old', { modifiedMs: 1e300 });
    storage.skipped = [{ name: 'k//', reason: 'it ends with a slash' }];
    const like = storage.entries.get('fine');
    if (like === undefined) throw new Error('it is there');
    storage.extra = [
      like,
      { ...like, name: 'a/b' },
      { ...like, name: '..' },
      { ...like, size: -1 },
    ];
    storage.extra = [...storage.extra, { ...like, name: 'small', size: -1 }];
    expect(await tester.list('/m')).toEqual(['fine']);
    expect(await tester.stat('/m/odd')).toBe('NOT_FOUND');
    expect(await tester.stat('/m/odd/below')).toBe('NOT_FOUND');
    const answer = JSON.stringify(await tester.ask({ kind: 'mounts' }));
    const names = [
      'k// in /m: it ends',
      'fine in /m: it is there twice',
      'a/b in /m: ',
      '.. in /m: ',
    ];
    const entries = ['odd in /m: owner', 'old in /m: modifiedMs', 'small in /m: size'];
    for (const line of [...names, ...entries]) expect(answer).toContain(line);
    storage.file('fine', { group: '' });
    storage.extra = [];
    expect(await tester.list('/m')).toEqual([]);
    expect(await tester.problems()).toEqual([]);
  });

  it('asks no more than once for what lies below something that no tree can hold', async () => {
    await using tester = await MountsTester.open();
    tester.storage.directory('odd', { owner: 'x'.repeat(300) });
    tester.storage.file('odd/x');
    expect(await tester.stat('/m/odd/x')).toBe('NOT_FOUND');
    expect(tester.asked().filter((each) => each === 'stat odd/x')).toHaveLength(1);
  });

  it('brings in a page larger than a command may be, step by step', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    for (let each = 0; each < 400; each += 1) {
      const name = `${each}`.padEnd(200, 'x');
      tester.storage.file(name, { type: 'symlink', target: 't'.repeat(4000), fingerprint: '' });
    }
    expect(await tester.list('/m')).toHaveLength(400);
    const steps = tester.commands.filter(({ kind }) => kind === 'syncEntries');
    const sizes = steps.map((step) => JSON.stringify(step).length);
    expect(Math.max(...sizes)).toBeLessThan(512 * 1024);
    expect(await tester.problems()).toEqual([]);
  });

  it('ends where a step can never be applied', async () => {
    await using tester = await MountsTester.open();
    tester.storage.file('x');
    tester.refuse = ({ kind }) => (kind === 'syncEntries' ? 'COMMAND_TOO_LARGE' : undefined);
    await expect(tester.list('/m')).rejects.toMatchObject({ code: 'COMMAND_TOO_LARGE' });
    let refusals = 3;
    tester.refuse = ({ kind }) => {
      if (kind !== 'syncEntries' || refusals === 0) return undefined;
      refusals -= 1;
      return 'UNAVAILABLE';
    };
    expect(await tester.list('/m')).toEqual(['x']);
  });
});

describe('how fresh an answer is', () => {
  it('is said by the call, else by the path, else by the mount', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.directory('d');
    tester.storage.file('d/x');
    await tester.list('/m/d');
    const size = async (given = {}) => {
      await tester.stat('/m/d/x', given);
      return tester.tree.inode('/m/d/x')?.size;
    };
    tester.storage.file('d/x', { size: 20 });
    expect(await size()).toBe(3);
    expect(await size({ syncIntervalMs: 0 })).toBe(20);
    tester.storage.file('d/x', { size: 30 });
    await tester.clock.advance(10_001);
    expect(await size({ syncIntervalMs: -1 })).toBe(20);
    expect(await size()).toBe(30);
    await tester.do(update('/m/d', { syncIntervalMs: -1 }));
    tester.storage.file('d/x', { size: 40 });
    await tester.clock.advance(10_001);
    expect(await size()).toBe(30);
    await tester.do(update('/m/d', { syncIntervalMs: 0 }));
    expect(await size()).toBe(40);
    await tester.do(update('/m/d', { syncIntervalMs: 'inherit' }));
    tester.storage.file('d/x', { size: 50 });
    expect(await size()).toBe(40);
  });

  it('may be given up for an answer at all', async () => {
    await using tester = await MountsTester.open();
    tester.storage.file('x');
    await tester.list('/m');
    tester.storage.behave(() => ({ fails: 'UNREACHABLE' }));
    expect(await tester.stat('/m/x')).toBe('STORAGE_UNREACHABLE');
    expect(await tester.stat('/m/x', { stale: true })).toBe('file');
    expect(await tester.list('/m')).toBe('STORAGE_UNREACHABLE');
    expect(await tester.list('/m', { stale: true })).toEqual(['x']);
    expect(await tester.stat('/m/y/z', { stale: true })).toBe('NOT_FOUND');
  });

  it('of a directory that takes long to come in is told while it does', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    for (let each = 0; each < 1_800; each += 1) tester.storage.file(`${each}`);
    tester.storage.pageEntries = 600;
    const { opened, open } = gate();
    let pages = 0;
    tester.storage.behave((method) => {
      pages += method === 'list' ? 1 : 0;
      return pages > 2 ? { waits: opened } : undefined;
    });
    const path = byteString('/m');
    const list = { kind: 'list', path, after: byteString(''), limit: 1000 } as const;
    expect(await tester.ask(list)).toEqual([
      'SYNC_UNDER_WAY',
      '/m',
      '1200 entries have come in so far',
    ]);
    expect(await tester.list('/m', { stale: true }, 4_000)).toHaveLength(1000);
    open();
    expect(await tester.list('/m')).toHaveLength(1000);
  });
});

describe('a storage that does not answer', () => {
  it('is told as such within the deadline, and holds up nobody else', async () => {
    await using tester = await MountsTester.open();
    await tester.do(mount('/n'));
    tester.storageOf('/n').file('y');
    tester.storage.behave(() => ({ waits: FOR_EVER }));
    const startMs = tester.clock.monotonicMs();
    const hung = tester.query({ kind: 'getStatus', path: byteString('/m/x') }, 3_000);
    expect(await tester.stat('/n/y')).toBe('file');
    expect(tester.clock.monotonicMs() - startMs).toBeLessThan(1_000);
    expect(told(await tester.passing(hung))).toEqual(['STORAGE_UNREACHABLE', '/m/x']);
    expect(tester.clock.monotonicMs() - startMs).toBeLessThan(3_000);
    expect(await tester.list('/m', {}, 3_000)).toMatch(/STORAGE_UNREACHABLE|SYNC_UNDER_WAY/);
  });

  it('is told at once after some silences, and found again', async () => {
    const access = { requestTimeoutMs: 1_000, maxAttempts: 1, maxSilences: 2 };
    await using tester = await MountsTester.open({}, access);
    tester.storage.file('x');
    tester.storage.behave(() => ({ waits: FOR_EVER }));
    expect(await tester.stat('/m/x')).toBe('STORAGE_UNREACHABLE');
    expect(await tester.stat('/m/x')).toBe('STORAGE_UNREACHABLE');
    tester.asked();
    expect(await tester.stat('/m/x')).toBe('STORAGE_UNREACHABLE');
    expect(tester.asked()).toEqual([]);
    tester.storage.behave(() => undefined);
    await tester.clock.advance(60_000);
    expect(await tester.stat('/m/x')).toBe('file');
  });

  it('of which too many ask is refused to further ones, and nothing is left of that', async () => {
    await using tester = await MountsTester.open();
    tester.storage.behave(() => ({ waits: FOR_EVER }));
    const waiting = Array.from({ length: 2_048 }, (_, each) =>
      tester
        .query({ kind: 'getStatus', path: byteString(`/m/${each % 4}`) }, 1_000)
        .catch(() => {}),
    );
    const path = byteString('/m/more');
    const more = await tester.passing(tester.query({ kind: 'getStatus', path }));
    expect(told(more)).toEqual(['MOUNT_BUSY', '/m/more']);
    for (const each of waiting) await tester.passing(each);
  });

  it('for want of its profile is told as such, until the profile is there', async () => {
    await using tester = await MountsTester.open({ profile: byteString('bob') });
    tester.storage.file('x');
    const query = { kind: 'getStatus', path: byteString('/m/x') } as const;
    const missing = ['STORAGE_INVALID', '/m/x', 'there is no profile "bob"'];
    expect(await tester.ask(query)).toEqual(missing);
    expect(told(await tester.mkdir('/m/d'))).toEqual(['STORAGE_INVALID', '/m/d']);
    await tester.do(update('/m', { profile: byteString('ann') }));
    expect(await tester.stat('/m/x')).toBe('file');
  });
});

describe('sync', () => {
  const sync = (path: string, recursive = false, job?: number) =>
    ({ kind: 'sync', path: byteString(path), recursive, job }) as const;
  const progress = (answer: unknown) => {
    const [[job, ended, directories, entries, changed, skipped]] = answer as [number[]];
    return { job, ended, directories, entries, changed, skipped };
  };

  it('of a file is no older than it was asked for', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    tester.storage.file('x');
    await tester.list('/m');
    const { opened, open } = gate();
    tester.storage.once('stat', { waits: opened });
    const path = byteString('/m/x');
    const before = tester.query({ kind: 'getStatus', path, syncIntervalMs: 0 });
    await settled();
    const asked = tester.query(sync('/m/x'));
    await settled();
    tester.asked();
    open();
    await tester.passing(Promise.all([before, asked]));
    expect(tester.asked()).toEqual(['stat x']);
  });

  it('looks into a directory now, and into all below it', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    const { storage } = tester;
    for (const path of ['a', 'a/b', 'a/b/c', 'z']) storage.directory(path);
    storage.file('a/b/c/x');
    expect(progress(await tester.ask(sync('/m')))).toMatchObject({ ended: true, changed: 2 });
    const all = progress(await tester.ask(sync('/m', true)));
    expect(all).toMatchObject({ ended: true, directories: 5, entries: 5, changed: 3 });
    expect(progress(await tester.ask(sync('/m/a/b/c/x')))).toMatchObject({ ended: true });
    expect(await tester.ask(sync('/m/none'))).toEqual(['NOT_FOUND', '/m/none']);
    expect(await tester.ask(sync('/none'))).toEqual(['NOT_MOUNTED', '/none']);
  });

  it('goes on with what takes long, when it is asked again', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    tester.storage.file('x');
    const { opened, open } = gate();
    tester.storage.behave((method) => (method === 'list' ? { waits: opened } : undefined));
    const first = progress(await tester.ask(sync('/m')));
    expect(first).toMatchObject({ ended: false, entries: 0 });
    open();
    const answer = await tester.ask(sync('/m', false, first.job));
    expect(progress(answer)).toMatchObject({ job: first.job, ended: true, entries: 1 });
  });

  it('does what it can below a directory that is refused, and tells that', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    const { storage } = tester;
    for (const path of ['a', 'b', 'c', 'c/s', 'c/s/t', 'd']) storage.directory(path);
    for (const path of ['a/x', 'c/s/t/x', 'd/x']) storage.file(path);
    let listed = false;
    storage.behave((method, path) => {
      if (method === 'list' && path === '' && !listed) listed = true;
      if (method === 'list' && path === 'd') storage.gone('d');
      return method === 'list' && path === 'b' ? { fails: 'FORBIDDEN' } : undefined;
    });
    expect(told(await tester.ask(sync('/m', true)))).toEqual(['STORAGE_FORBIDDEN', '/m']);
    expect(tester.tree.inode('/m/a/x')).toBeDefined();
    expect(tester.tree.inode('/m/c/s/t/x')).toBeDefined();
    expect(tester.tree.inode('/m/d')).toBeUndefined();
    expect(tester.tree.inode('/m/b')).toBeDefined();
  });

  it('is not refused for those that have ended, however many', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    for (let each = 0; each < 300; each += 1) {
      expect(progress(await tester.ask(sync('/m')))).toMatchObject({ ended: true });
    }
  });
});

describe('other members', () => {
  it('answer what lies in no mount, and what is never looked at again', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    tester.storage.file('x');
    const follower = tester.follower();
    const of = (path: string, given = {}) =>
      tester.query({ kind: 'getStatus', path: byteString(path), ...given }, 1_000, follower);
    await expect(of('/m/x')).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(await of('/')).toHaveLength(1);
    await tester.list('/m');
    expect(await of('/m/x')).toHaveLength(1);
    expect(await of('/m/none')).toEqual(['NOT_FOUND', '/m/none']);
    await expect(of('/m/x', { syncIntervalMs: 0 })).rejects.toMatchObject({ code: 'NOT_LEADER' });
    await expect(tester.query({ kind: 'mounts' }, 1_000, follower)).rejects.toMatchObject({
      code: 'NOT_LEADER',
    });
  });

  it('never wait for their disk while they find out whether they may answer', async () => {
    await using tester = await MountsTester.open(NEVER_AGAIN);
    tester.storage.directory('d');
    tester.storage.file('d/x');
    await tester.list('/m/d');
    await tester.tree.reopen();
    const misses = () => tester.tree.machine.statistics().store.synchronousMisses;
    const before = misses();
    const query = { kind: 'getStatus', path: byteString('/m/d/x') } as const;
    expect(await tester.query(query, 1_000, tester.follower())).toHaveLength(1);
    expect(misses()).toBe(before);
  });

  it('that lead look again, and what the former one had under way is over', async () => {
    await using tester = await MountsTester.open(SECONDS);
    tester.storage.file('x');
    await tester.list('/m');
    tester.asked();
    tester.storage.behave(() => ({ waits: FOR_EVER }));
    const query = { kind: 'getStatus', path: byteString('/m/x'), syncIntervalMs: 0 } as const;
    const hung = tester.query(query).catch((error: unknown) => String(error));
    await settled();
    await tester.elect();
    expect(await tester.passing(hung)).toContain('does not lead any more');
    tester.storage.behave(() => undefined);
    tester.asked();
    expect(await tester.list('/m')).toEqual(['x']);
    expect(tester.asked()).toEqual(['list']);
  });

  it('that open an epoch late hold up nobody for long', async () => {
    await using tester = await MountsTester.open();
    tester.storage.file('x');
    await tester.list('/m');
    tester.tree.apply({ kind: 'openEpoch' });
    tester.storage.file('y');
    expect(await tester.list('/m')).toEqual(['x', 'y']);
    expect(await tester.mkdir('/m/d')).toBeTypeOf('number');
    expect(await tester.problems()).toEqual([]);
  });
});

describe('a mount', () => {
  it('that is reached otherwise from now on is, for those who are at it, too', async () => {
    await using tester = await MountsTester.open();
    const { storage } = tester;
    storage.directory('a');
    storage.file('a/x');
    await tester.list('/m');
    const { opened, open } = gate();
    storage.behave((method) => (method === 'list' ? { waits: opened } : undefined));
    const query = { kind: 'sync', path: byteString('/m'), recursive: true } as const;
    const first = tester.query(query);
    await tester.passing(settled());
    storage.behave(() => undefined);
    await tester.do(update('/m', { profile: byteString('ann') }));
    open();
    await tester.passing(first);
    expect(await tester.stat('/m/a/x')).toBe('file');
    const opened2 = tester.driver.opened;
    expect(await tester.list('/m/a')).toEqual(['x']);
    expect(tester.driver.opened).toBe(opened2);
    expect(tester.driver.opened).toBe(2);
  });

  it('that is taken away takes what is under way with it, and opens no storage again', async () => {
    await using tester = await MountsTester.open();
    tester.storage.directory('a');
    await tester.list('/m');
    tester.storage.behave(() => ({ waits: FOR_EVER }));
    const query = { kind: 'sync', path: byteString('/m'), recursive: true } as const;
    const hung = tester.query(query);
    await settled();
    expect(await tester.do(unmount('/m', true))).toBeTypeOf('number');
    expect(told(await tester.passing(hung))).toEqual(['STORAGE_UNREACHABLE', '/m']);
    expect(tester.driver.opened).toBe(1);
    expect(tester.storage.closed).toBe(1);
  });

  it('at the root is emptied and unmounted, whatever is in it', async () => {
    await using tester = await MountsTester.open();
    await tester.do(mount('/'));
    const root = tester.storageOf('/');
    for (let each = 0; each < 2_500; each += 1) root.file(`${each}`);
    root.directory('d');
    root.file('d/x');
    expect(await tester.list('/')).toHaveLength(1000);
    expect(await tester.stat('/d/x')).toBe('file');
    expect(await tester.create('/writing')).toBeTypeOf('number');
    expect(await tester.do(unmount('/'))).toBeTypeOf('number');
    expect(await tester.list('/')).toEqual(['m']);
    tester.tree.reclaimAll();
    expect(await tester.problems()).toEqual([]);
    expect(root.paths).toContain('d/x');
  });

  it('at the root is unmounted with force while its storage hangs', async () => {
    await using tester = await MountsTester.open();
    await tester.do(mount('/'));
    const root = tester.storageOf('/');
    for (let each = 0; each < 1_500; each += 1) root.file(`${each}`);
    await tester.list('/');
    root.behave((method) => (method === 'remove' ? { waits: FOR_EVER } : undefined));
    const removing = tester.remove('/7');
    await tester.passing(settled());
    expect(told(await tester.do(unmount('/'), 1_000))).toEqual(['LOCKED', '/']);
    expect(await tester.do(unmount('/', true))).toBeTypeOf('number');
    expect(told(await tester.passing(removing))).toEqual(['MOUNT_GONE', '/7']);
    expect(await tester.problems()).toEqual([]);
  });
});
