import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterMember, NamespaceClient, readClusterStatus } from 'inode-app';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChangingCluster } from './changing-cluster.js';
import { treeOf } from './one-member-tree.js';

/** For an answer, which comes sooner or not at all. */
const ANSWER_MS = 600_000;
/** Enough for a log of 1 MiB to be cut: entries of a batch of such names. */
const FILES_A_BATCH = 200;
const NAME = 'n'.repeat(200);

let directory: string;
let cluster: ChangingCluster;
let client: NamespaceClient;
let batches = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'snapshots-'));
  cluster = new ChangingCluster(directory, ['--log-limit', '1']);
  await cluster.found(1);
  for (const id of [2, 3]) {
    await cluster.join(id);
    await cluster.change('add', `${id}=${cluster.addresses(id)}`);
  }
  client = new NamespaceClient({ addresses: cluster.clientAddresses, timeoutMs: ANSWER_MS });
});

afterAll(async () => {
  await client?.close();
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function members(): Promise<readonly ClusterMember[]> {
  return (await readClusterStatus(cluster.clientAddresses, ANSWER_MS)).members;
}

async function when(wanted: (member: ClusterMember) => boolean, id: number): Promise<void> {
  while (!(await members()).some((member) => member.id === id && wanted(member)));
}

async function write(): Promise<void> {
  const path = `/d${batches++}`;
  const files = Array.from({ length: FILES_A_BATCH }, (_, at) => `${path}/${at}-${NAME}`);
  await client.batch([
    { kind: 'mkdir', path },
    ...files.map((file) => ({ kind: 'create', path: file }) as const),
  ]);
}

/** Writes until the logs of all members that answer have been cut above `index`; returns where they begin. */
async function writeUntilCut(index: number): Promise<number> {
  for (;;) {
    await write();
    const first = (await members()).flatMap(({ firstIndex }) => firstIndex ?? []);
    if (Math.min(...first) > index + 1) return Math.min(...first);
  }
}

async function lastIndex(): Promise<number> {
  const status = await readClusterStatus(cluster.clientAddresses, ANSWER_MS);
  return status.members.find(({ id }) => id === status.leader)?.lastIndex ?? lastIndex();
}

/** Resolves once all of these count and have the same tree. */
async function allHaveTheSame(...ids: readonly number[]): Promise<void> {
  await write();
  const last = await lastIndex();
  for (const id of ids) {
    await when(({ applied, recovering }) => recovering === false && (applied ?? 0) >= last, id);
  }
  const trees = await Promise.all(
    ids.map((id) => treeOf(cluster.at.get(id)?.[1] ?? '', ANSWER_MS)),
  );
  for (const tree of trees) expect(tree).toEqual(trees[0]);
  expect(trees[0]?.size).toBe(batches * (FILES_A_BATCH + 1));
}

it('a member that was away too long, and one that was wiped, get the state from another', async () => {
  await cluster.kill(3);
  await writeUntilCut(await lastIndex());
  await cluster.startAgain(3);
  await allHaveTheSame(1, 2, 3);
  await cluster.kill(2);
  await cluster.rejoin(2);
  await allHaveTheSame(1, 2, 3);
});

it('a member whose tree is damaged gets it from another', async () => {
  await writeUntilCut(await lastIndex());
  await cluster.kill(3);
  const store = join(cluster.data(3), 'store');
  for (const name of await readdir(store)) {
    if (/^\d+\.(sst|log)$/.test(name)) await writeFile(join(store, name), 'damage');
  }
  await cluster.startAgain(3);
  expect(cluster.said(3)).toContain('the tree is damaged and is made again');
  await allHaveTheSame(1, 2, 3);
});

it('a member whose log is an older copy than its tree gets what it lacks from the others', async () => {
  await cluster.stop(2);
  const older = join(directory, 'older');
  for (const part of ['log', 'mark']) {
    cpSync(join(cluster.data(2), part), join(older, part), { recursive: true });
  }
  await cluster.startAgain(2);
  await allHaveTheSame(1, 2, 3);
  await cluster.stop(2);
  await writeUntilCut(await lastIndex());
  for (const part of ['log', 'mark']) {
    rmSync(join(cluster.data(2), part), { recursive: true });
    cpSync(join(older, part), join(cluster.data(2), part), { recursive: true });
  }
  await cluster.startAgain(2);
  expect(cluster.said(2)).toContain('the log is damaged and begins anew');
  await allHaveTheSame(1, 2, 3);
});

it('a member that comes to a cluster whose logs are cut is added, though it and who serves it are killed', async () => {
  await writeUntilCut(0);
  // So slow that either can be killed in the middle.
  const slow = ['--snapshot-rate', '1'];
  await cluster.join(4, ...slow);
  const added = cluster.change('add', `4=${cluster.addresses(4)}`);
  // Or it has it already.
  const pulling = ({ snapshots, firstIndex }: ClusterMember) =>
    snapshots?.fetching?.phase === 'pulling' || (firstIndex ?? 0) > 1;
  await when(pulling, 4);
  await cluster.kill(4);
  await cluster.startAgain(4, ...slow);
  await when(pulling, 4);
  const from = (await members()).find(({ id }) => id === 4)?.snapshots?.fetching?.from ?? 1;
  await cluster.kill(from);
  await cluster.startAgain(from);
  expect(await added).toContain(4);
  await allHaveTheSame(1, 2, 3, 4);
});

it('a member that was removed and comes again with nothing is added like a newcomer', async () => {
  await cluster.change('remove', '4');
  await cluster.stop(4);
  rmSync(cluster.data(4), { recursive: true });
  await cluster.startAgain(4);
  await cluster.change('add', `4=${cluster.addresses(4)}`);
  await allHaveTheSame(1, 2, 3, 4);
});
