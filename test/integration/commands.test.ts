import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foundEntries, makeOddTree, realEntries } from './real-tree.js';
import { RunningCluster, startCommand } from './running-cluster.js';

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'commands-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function fs(...args: readonly string[]) {
  const { code, stdout, stderr } = await cluster.run('fs', ...args);
  return { code, out: stdout, err: stderr.trimEnd() };
}

async function namesIn(path: string): Promise<readonly string[]> {
  await using client = new NamespaceClient({ addresses: cluster.addresses });
  const names: string[] = [];
  for await (const { name } of client.list(path)) names.push(name);
  return names;
}

/** Runs a command whose standard output or error nobody reads any more when it writes. */
async function unread(stream: 'stdout' | 'stderr', args: readonly string[]): Promise<number> {
  const child = startCommand([...args, '--addresses', cluster.addresses.join(',')]);
  child[stream]?.destroy();
  (stream === 'stdout' ? child.stderr : child.stdout)?.resume();
  const [code] = await once(child, 'close');
  return code;
}

describe('a slash at the end of a path', () => {
  it('asks for a directory, whatever the command', async () => {
    expect(await fs('mkdir', '/s/', '/s/d/')).toMatchObject({ code: 0 });
    expect(await fs('touch', '/s/f', '/s/d/')).toMatchObject({ code: 0 });
    const refused: readonly (readonly [string, ...string[]])[] = [
      ['touch', '/s/missing/'],
      ['touch', '/s/f/'],
      ['rm', '/s/f/'],
      ['rm', '-f', '/s/f/'],
      ['mv', '/s/f', '/s/missing/'],
      ['mv', '/s/f/', '/s/g'],
      ['mv', '/s/f', '/s/f/'],
      ['mv', '/s/d', '/s/f/'],
      ['chmod', '600', '/s/f/'],
      ['chown', 'ann', '/s/f/'],
      ['stat', '/s/f/'],
      ['ls', '/s/f/'],
      ['find', '/s/f/'],
      ['count', '/s/f/'],
      ['rm', '--escaped', '/s/f\\x2f'],
    ];
    for (const args of refused) {
      expect([args, (await fs(...args)).code]).toEqual([args, 1]);
    }
    expect(await namesIn('/s')).toEqual(['d', 'f']);
    expect((await fs('mv', '/s/d', '/s/d/e')).err).toContain('below itself');
    expect(await fs('mv', '/s/f', '/s/f')).toMatchObject({ code: 0 });
    expect(await fs('mv', '/s/d/', '/s/e/')).toMatchObject({ code: 0 });
    expect(await fs('mv', '/s/f', '/s/e/')).toMatchObject({ code: 0 });
    expect((await fs('find', '/s/')).out).toBe('/s\n/s/e\n/s/e/f\n');
    expect(await fs('rm', '-f', '/s/missing/')).toMatchObject({ code: 0 });
    expect(await fs('rm', '-r', '/s/')).toMatchObject({ code: 0 });
  });
});

describe('what nobody reads', () => {
  const names = Array.from({ length: 400 }, (_, n) => `/many/${n}-${'x'.repeat(240)}`);

  it('is done all the same', async () => {
    await fs('mkdir', '/many');
    expect(await unread('stdout', ['fs', 'mkdir', '--json', ...names])).toBe(0);
    expect(await namesIn('/many')).toHaveLength(names.length);
    expect(await unread('stdout', ['fs', 'touch', '--json', ...names, '/none/f'])).toBe(1);
    expect(await unread('stderr', ['fs', 'rm', '--json', '/none', ...names])).toBe(1);
    expect(await namesIn('/many')).toEqual([]);
  });

  it('ends a command that only prints', async () => {
    await fs('mkdir', ...names);
    expect(await unread('stdout', ['fs', 'find', '/', '--json'])).toBe(0);
    await fs('rm', '-r', '/many');
  });
});

describe('fs', () => {
  it('shows every name as it is, and sizes for people', async () => {
    await fs('mkdir', '/n');
    await fs('touch', '/n/a', '/n/a ', '/n/\u00a0');
    await fs('chown', '山田:staff', '/n/a');
    await using client = new NamespaceClient({ addresses: cluster.addresses });
    await client.setAttribute('/n/a', { size: 1_500_000 });
    const { out } = await fs('ls', '-l', '/n');
    const lines = out.slice(0, -1).split('\n');
    expect(lines.map((line) => line.replace(/^.*Z {2}/, ''))).toEqual(['a', 'a ', '\u00a0']);
    expect(lines[0]).toMatch(/^-rw-r--r-- {2}山田 {2}staff {2}1500000 {2}/);
    expect(lines[1]).toMatch(/^-rw-r--r-- {2}root {2}root {9}0 {2}/);
    expect((await fs('ls', '-lh', '/n/a')).out).toMatch(/ {2}1\.5M {2}/);
    await fs('rm', '-r', '/n');
  });

  it('takes no help for a success', async () => {
    await fs('mkdir', '/h');
    for (const command of ['rm', 'find', 'mkdir', 'count', 'stat']) {
      expect(await fs(command, '-h', '/h')).toMatchObject({ code: 2, out: '' });
    }
    expect(await fs('rm', '-rh', '/h')).toMatchObject({ code: 2, out: '' });
    expect((await fs('rm', '--help')).code).toBe(0);
    await fs('rm', '/h');
  });

  it('counts exactly', async () => {
    await using client = new NamespaceClient({ addresses: cluster.addresses });
    await client.mkdir('/c');
    const size = Number.MAX_SAFE_INTEGER;
    for (const name of ['a', 'b', 'c']) await client.create(`/c/${name}`, { attributes: { size } });
    expect((await fs('count', '/c')).out).toContain('3 files of 27,021,597,764,222,973 bytes');
    const { out } = await fs('count', '--json', '/c');
    expect(out).toBe(
      '{"path":"/c","entries":4,"directories":1,"files":3,"symlinks":0,"bytes":27021597764222973}\n',
    );
    await fs('rm', '-r', '/c');
  });

  it('goes on past what a rename above has put too deep', async () => {
    const level = 'x'.repeat(254);
    const deep = `/t${`/${level}`.repeat(15)}/${'d'.repeat(60)}`;
    await fs('mkdir', '-p', deep);
    await fs('touch', `${deep}/f`, '/zz');
    const id = JSON.parse((await fs('stat', '--json', deep)).out).id;
    const longer = `/${'y'.repeat(255)}`;
    await fs('mv', '/t', longer);
    for (const command of [['find'], ['count'], ['ls', '-R']]) {
      const { code, out, err } = await fs(...command, '--json', '/');
      expect(code).toBe(1);
      const error = JSON.parse(err);
      expect(error).toMatchObject({ error: 'PATH_TOO_LONG', outcome: 'definite' });
      expect(error.path).toBe(longer + deep.slice(2));
      if (command[0] !== 'count') expect(out).toContain('"/zz"');
    }
    expect(await fs('stat', '--id', `${id}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`inode ${id} is there, but its path has more than 4096 bytes`),
    });
    expect(await fs('rm', '-r', longer, '/zz')).toMatchObject({ code: 0 });
  });
});

describe('load', () => {
  const loaded = async (...more: readonly string[]) => {
    const { code, stdout } = await cluster.run('load', top, '--into', '/l', '--json', ...more);
    expect(code).toBe(0);
    const { entries, added, updated, deleted } = JSON.parse(stdout);
    expect(foundEntries((await fs('find', '/l', '--json')).out)).toEqual(realEntries(top, '/l'));
    return { entries, added, updated, deleted };
  };
  const lastIndex = async () => {
    const { members } = JSON.parse((await cluster.run('status', '--json')).stdout);
    return Math.max(...members.map((member: { lastIndex: number | null }) => member.lastIndex));
  };
  let top: string;

  it('writes what differs, and nothing when nothing does', async () => {
    top = join(directory, 'source');
    mkdirSync(top);
    makeOddTree(top);
    const entries = realEntries(top, '/l').size;
    expect(await loaded()).toEqual({ entries, added: entries, updated: 0, deleted: 0 });
    const before = await lastIndex();
    expect(await loaded('--delete')).toEqual({ entries, added: 0, updated: 0, deleted: 0 });
    const { stdout } = await cluster.run('load', top, '--into', '/l');
    expect(stdout).toMatch(/, nothing to change\n$/);
    // What would be written takes a session and a command; members write one entry to compare their states.
    expect((await lastIndex()) - before).toBeLessThanOrEqual(1);
  });

  it('follows a file that became a directory, and back, and what has gone', async () => {
    const place = join(top, 'plain', 'inner', 'plain');
    rmSync(place);
    mkdirSync(place);
    writeFileSync(join(place, 'below'), 'x');
    expect(await loaded()).toMatchObject({ added: 1, updated: 2, deleted: 0 });
    rmSync(place, { recursive: true });
    writeFileSync(place, 'again');
    rmSync(join(top, 'with space'), { recursive: true });
    expect(await loaded('--delete')).toMatchObject({ added: 0, deleted: 1 });
  });
});
