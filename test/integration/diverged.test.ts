import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { treeOf } from './one-member-tree.js';
import { RunningCluster } from './running-cluster.js';

const ANSWER_MS = 120_000;

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'diverged-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Makes directories, with these members alone, and returns the term in which they were made. */
async function makeOn(ids: readonly number[], paths: readonly string[]): Promise<number> {
  const addresses = ids.map((id) => cluster.addresses[id - 1] ?? '');
  await using client = new NamespaceClient({ addresses, timeoutMs: ANSWER_MS });
  for (const path of paths) await client.mkdir(path);
  const { members } = await cluster.statusWhen(({ members, leader }) => {
    const own = members.filter(({ id }) => ids.includes(id ?? 0));
    const last = members.find(({ id }) => id === leader)?.lastIndex;
    return (
      last !== undefined && own.every(({ commit, applied }) => commit === last && applied === last)
    );
  });
  return Math.max(...members.map(({ term }) => term ?? 0));
}

/** What the tree of one member holds. */
async function pathsOn(id: number): Promise<readonly string[]> {
  return [...(await treeOf(cluster.addresses[id - 1] ?? '', ANSWER_MS)).keys()].sort();
}

it('of two histories of one term the one that fewer members hold is noticed, and its member stops until it is rebuilt', async () => {
  await makeOn([1, 2, 3], ['/kept']);
  await cluster.kill(1, 2, 3);
  const copy = join(directory, 'copy');
  cpSync(join(directory, 'data'), copy, { recursive: true });
  // Each time from the same copies, by 1 and 2 and then by 2 and 3, until both elect in the same term.
  for (let terms: readonly number[] = [0, 1]; terms[0] !== terms[1]; ) {
    for (const id of [1, 2, 3]) rmSync(cluster.data(id), { recursive: true });
    cpSync(copy, join(directory, 'data'), { recursive: true });
    await Promise.all([1, 2].map((id) => cluster.startMember(id)));
    const first = await makeOn([1, 2], ['/a', '/b']);
    await cluster.kill(1, 2);
    rmSync(cluster.data(2), { recursive: true });
    cpSync(join(copy, 'member-2'), cluster.data(2), { recursive: true });
    await Promise.all([2, 3].map((id) => cluster.startMember(id)));
    const second = await makeOn([2, 3], ['/c', '/d', '/e', '/f', '/g']);
    await cluster.kill(2, 3);
    terms = [first, second];
  }

  await Promise.all([2, 3].map((id) => cluster.startMember(id)));
  const other = cluster.spawnMember(1);
  expect(await other.ended).toBe(1);
  const again = cluster.spawnMember(1);
  expect(await again.ended).toBe(1);
  for (const { printed, errors } of [other, again]) {
    const failed = printed.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(failed)).toMatchObject({ event: 'failed', code: 'STATE_DIVERGED' });
    expect(errors.trimEnd().split('\n').at(-1)).toMatch(
      /^inode-app: this member's state is another one than most members have: .*they differ at entry \d+\..*empty directory and --rejoin\.$/,
    );
  }
  expect(await pathsOn(2)).toEqual(['/c', '/d', '/e', '/f', '/g', '/kept']);

  rmSync(cluster.data(1), { recursive: true });
  await cluster.startMember(1, '--rejoin');
  await cluster.statusWhen(({ members }) =>
    members.every(({ recovering }) => recovering === false),
  );
  await makeOn([1, 2, 3], ['/together']);
  const trees = await Promise.all([1, 2, 3].map(pathsOn));
  expect(trees[0]).toEqual(['/c', '/d', '/e', '/f', '/g', '/kept', '/together']);
  expect(trees).toEqual([trees[0], trees[0], trees[0]]);
});
