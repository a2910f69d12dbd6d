import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foundEntries, makeOddTree, makeWideTree, realEntries } from './real-tree.js';
import { CLUSTER_ID, RunningCluster, runCommand, startCommand } from './running-cluster.js';

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'integration-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

function makeTree(name: string, make: (top: string) => void): string {
  const top = join(directory, name);
  mkdirSync(top);
  make(top);
  return top;
}

async function members(): Promise<
  readonly {
    id: number;
    role: string;
    applied: number | null;
    reachable: boolean;
    recovering: boolean | null;
  }[]
> {
  const { stdout } = await cluster.run('status', '--json');
  return JSON.parse(stdout).members;
}

async function leaderId(): Promise<number> {
  for (;;) {
    const leader = (await members()).find(({ role }) => role === 'leader');
    if (leader !== undefined) return leader.id;
  }
}

/** Waits until a member that has lost its data holds what the leader holds, and counts again. */
async function upToDate(id: number): Promise<void> {
  for (;;) {
    const all = await members();
    const leads = all.find(({ role }) => role === 'leader');
    const own = all.find((member) => member.id === id);
    const same = leads !== undefined && own?.applied === leads.applied;
    if (same && own.reachable && own.recovering === false) return;
  }
}

async function find(path: string): Promise<Map<string, unknown>> {
  const { code, stdout, stderr } = await cluster.run('fs', 'find', path, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return foundEntries(stdout);
}

describe('three masters', () => {
  it('hold a tree as it is, names of any bytes included', async () => {
    const top = makeTree('odd', makeOddTree);
    const { code, stdout } = await cluster.run('load', top, '--json');
    expect(code).toBe(0);
    const expected = realEntries(top, '/');
    expect(JSON.parse(stdout)).toMatchObject({ entries: expected.size, skipped: { count: 0 } });
    expect(await find('/')).toEqual(expected);
  });

  it('bring a load to its end when the leader is killed, with nothing lost and nothing twice', async () => {
    const top = makeTree('wide', (path) => makeWideTree(path, 400, 50));
    const load = startCommand([
      'load',
      top,
      '--into',
      '/wide',
      '--json',
      '--addresses',
      cluster.addresses.join(','),
    ]);
    let summary = '';
    load.stdout?.on('data', (chunk) => {
      summary += String(chunk);
    });
    const leader = await leaderId();
    await using client = new NamespaceClient({ addresses: cluster.addresses });
    for (let seen = false; !seen; ) {
      seen = await client.getStatus('/wide/d0').then(
        () => true,
        () => false,
      );
    }
    const ended = once(load, 'close');
    expect(load.exitCode).toBeNull();
    await cluster.kill(leader);
    expect(load.exitCode).toBeNull();
    expect(await ended).toEqual([0, null]);
    const expected = realEntries(top, '/wide');
    expect(JSON.parse(summary)).toMatchObject({ entries: expected.size });
    expect(await find('/wide')).toEqual(expected);

    // Started again, it catches up with what it has missed.
    await cluster.startMember(leader);
    for (;;) {
      const all = await members();
      const leads = all.find(({ role }) => role === 'leader');
      const own = all.find(({ id }) => id === leader);
      if (leads !== undefined && own?.reachable === true && own.applied === leads.applied) break;
    }
  });

  it('have everything acknowledged after all of them were killed', async () => {
    const before = await find('/');
    const { code } = await cluster.run('fs', 'mkdir', '-p', '/last/words');
    expect(code).toBe(0);
    await cluster.kill(1, 2, 3);
    await cluster.startAll();
    const after = await find('/');
    expect(after.has('/last/words')).toBe(true);
    for (const [path, entry] of before) if (path !== '/') expect(after.get(path)).toEqual(entry);
    expect(after.size).toBe(before.size + 2);
  });

  it('answer in bounded time without a majority, and say that nothing was changed', async () => {
    const leader = await leaderId();
    await cluster.kill(...[1, 2, 3].filter((id) => id !== leader));
    const read = await cluster.run('fs', 'stat', '/', '--timeout', '2', '--json');
    expect(read.code).toBe(3);
    expect(JSON.parse(read.stderr)).toMatchObject({ error: 'UNAVAILABLE', outcome: 'definite' });
    const status = await cluster.run('status', '--json');
    expect(status.code).toBe(0);
    expect(
      JSON.parse(status.stdout).members.filter(
        (member: { reachable: boolean }) => member.reachable,
      ),
    ).toHaveLength(1);
    for (const id of [1, 2, 3]) if (id !== leader) await cluster.startMember(id);
    expect((await cluster.run('fs', 'stat', '/')).code).toBe(0);
  });

  it('take a member back whose data has gone, and count it once it is up to date', async () => {
    const leader = await leaderId();
    const lost = leader === 1 ? 2 : 1;
    await cluster.kill(lost);
    rmSync(cluster.data(lost), { recursive: true });
    // As on the first day: it is the others' history that tells.
    await cluster.startMember(lost);
    await upToDate(lost);
    const third = [1, 2, 3].find((id) => id !== leader && id !== lost) ?? 0;
    await cluster.kill(third);
    expect((await cluster.run('fs', 'mkdir', '/with-the-one-that-came-back')).code).toBe(0);
    await cluster.startMember(third);
  });

  it('take a member back whose log is damaged', async () => {
    const leader = await leaderId();
    const damaged = leader === 1 ? 2 : 1;
    await cluster.kill(damaged);
    rmSync(join(cluster.data(damaged), 'mark'));
    await cluster.startMember(damaged);
    await upToDate(damaged);
    expect(existsSync(join(cluster.data(damaged), 'log.damaged-1'))).toBe(true);
  });

  it('stop cleanly when told to', async () => {
    expect(await cluster.stop(1)).toBe(0);
    await cluster.startMember(1);
  });
});

describe('NamespaceClient', () => {
  it('does what programs need', async () => {
    await using client = new NamespaceClient({ addresses: cluster.addresses });
    const id = await client.mkdir('/p/q', { parents: true, attributes: { owner: 'ann' } });
    const file = await client.create('/p/q/caf\u00e9', { attributes: { size: 7, mode: 0o600 } });
    await client.symlink('../x', '/p/q/odd\udcff');
    expect(await client.getStatus('/p/q')).toMatchObject({ id, type: 'directory', owner: 'ann' });
    expect(await client.getStatusById(file)).toMatchObject({
      path: '/p/q/caf\u00e9',
      type: 'file',
      size: 7,
      mode: 0o600,
    });
    await client.rename('/p/q', '/p/r');
    const outcomes = await client.batch([
      { kind: 'mkdir', path: '/p/s' },
      { kind: 'create', path: '/p/missing/f' },
      { kind: 'setAttribute', path: '/p/r/caf\u00e9', attributes: { group: 'staff' } },
    ]);
    expect(outcomes).toEqual([
      { id: expect.any(Number) },
      { error: expect.objectContaining({ code: 'NOT_FOUND', path: '/p/missing' }) },
      { id: file },
    ]);
    const listed: unknown[] = [];
    for await (const { name, type, target } of client.list('/p/r')) {
      listed.push([name, type, target]);
    }
    expect(listed).toEqual([
      ['caf\u00e9', 'file', undefined],
      ['odd\udcff', 'symlink', '../x'],
    ]);
    await expect(client.delete('/p')).rejects.toMatchObject({
      code: 'DIRECTORY_NOT_EMPTY',
      outcome: 'definite',
    });
    await client.delete('/p', { recursive: true });
    await expect(client.getStatus('/p')).rejects.toMatchObject({ code: 'NOT_FOUND', path: '/p' });
    for (const path of ['', 'relative', '/a/../b', '/nul\0', '/\ud800', `/${'x'.repeat(256)}`]) {
      await expect(client.create(path)).rejects.toMatchObject({ outcome: 'definite' });
    }
    await expect(client.batch([])).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('ends a call that is aborted, and calls that wait when it is closed', async () => {
    const client = new NamespaceClient({ addresses: ['127.0.0.1:1'], timeoutMs: 600_000 });
    const controller = new AbortController();
    const aborted = client.getStatus('/', { signal: controller.signal });
    const waiting = client.create('/never');
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'CLIENT_CLOSED', outcome: 'definite' }),
      client.close(),
    ]);
  });
});

describe('fs', () => {
  it('does what its commands say', async () => {
    const run = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await cluster.run('fs', ...args);
      return { code, out: stdout.trimEnd(), err: stderr.trimEnd() };
    };
    expect(await run('mkdir', '-p', '-m', '750', '/w/a', '/w/b')).toMatchObject({ code: 0 });
    expect(await run('touch', '/w/a/f', '/w/a/g h', '/w/missing/x')).toEqual({
      code: 1,
      out: '',
      err: 'inode-app: /w/missing: there is no such entry',
    });
    expect((await run('ls', '/w/a')).out).toBe('f\ng h');
    expect((await run('find', '/w')).out).toBe('/w\n/w/a\n/w/a/f\n/w/a/g h\n/w/b');
    expect((await run('find', '/w', '--type', 'f', '--name', 'g*')).out).toBe('/w/a/g h');
    expect((await run('count', '/w')).out).toContain('5 entries (3 directories, 2 files');
    expect(await run('mv', '/w/a/f', '/w/b')).toMatchObject({ code: 0 });
    expect(await run('mv', '/w/b/f', '/w/b/f2')).toMatchObject({ code: 0 });
    expect(await run('mv', '/w', '/w/b/c')).toMatchObject({ code: 1 });
    expect(await run('chmod', '4711', '/w/b/f2')).toMatchObject({ code: 0 });
    expect(await run('chown', 'ann:staff', '/w/b/f2')).toMatchObject({ code: 0 });
    const { out } = await run('stat', '--json', '/w/b/f2');
    const status = JSON.parse(out);
    expect(status).toMatchObject({ path: '/w/b/f2', mode: 0o4711, owner: 'ann', group: 'staff' });
    expect(JSON.parse((await run('stat', '--json', '--id', `${status.id}`)).out)).toEqual(status);
    expect((await run('ls', '-l', '/w/b/f2')).out).toMatch(/^-rws--x--x {2}ann {2}staff {2}0 {2}/);
    expect(await run('rm', '/w')).toMatchObject({ code: 1 });
    expect(await run('rm', '-r', '/w')).toMatchObject({ code: 0 });
    expect(await run('rm', '/w')).toMatchObject({ code: 1 });
    expect(await run('rm', '-f', '/w')).toMatchObject({ code: 0 });
    expect(await run('mkdir', '--escaped', '/odd\\xff\\n')).toMatchObject({ code: 0 });
    expect((await run('ls', '/')).out).toContain('odd\\xff\\n');
  });

  it.each([
    [['fs', 'stat', 'relative'], /begins with "\/"/],
    [['fs', 'stat', '/a/../b'], /"\.\."/],
    [['fs', 'chmod', 'u+x', '/'], /octal/],
    [['fs', 'nonsense'], /unknown command/],
    [['fs', 'ls', '--nonsense'], /unknown option/],
    [['fs', 'mv', '/a'], /argument/],
    [['fs', 'ls', '--timeout', 'soon'], /seconds/],
    [['load'], /argument/],
    [['load', '/nonexistent'], /cannot be read/],
  ])('%j is refused with one line', async (args, message) => {
    const { code, stdout, stderr } = await cluster.run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});

/** The last: nothing is left of the cluster of three. */
describe('three masters of which two are lost for good', () => {
  it('go on as one, by order, when the others are lost for good', async () => {
    const before = await find('/');
    await cluster.kill(1, 2, 3);
    const order = ['recover', '--id', '1', '--cluster-id', CLUSTER_ID, '--data', cluster.data(1)];
    const more = ['--new-cluster-id', 'alone', '--reason', 'test'];
    expect((await runCommand([...order, ...more, '--lost', '2'])).code).toBe(2);
    expect((await runCommand([...order, ...more, '--lost', '2,3'])).code).toBe(0);
    await expect(cluster.startMember(1)).rejects.toThrow(/belongs to member 1 of cluster "alone"/);
    await cluster.startMember(1, '--cluster-id', 'alone');
    const after = await find('/');
    for (const [path, entry] of before) if (path !== '/') expect(after.get(path)).toEqual(entry);
    expect((await cluster.run('fs', 'mkdir', '/alone')).code).toBe(0);
  });
});
