import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../simulation/random.js';
import { freshSeed, seedsFrom } from '../simulation/seeds.js';
import { drawDamage } from './damage-draw.js';
import { treeOf } from './one-member-tree.js';
import { RunningCluster, type SpawnedMember } from './running-cluster.js';

/** More draws: DAMAGE_RUNS=100 npx vitest run test/dist/integration/damage.test.js */
const SEEDS = seedsFrom(
  Number(process.env.DAMAGE_SEED ?? freshSeed()),
  Number(process.env.DAMAGE_RUNS ?? 4),
);
/** Entries at the beginning: some tables on several levels. */
const DIRECTORIES = 8;
const FILES = 100;
/** For an answer, which comes sooner or not at all. */
const ANSWER_MS = 120_000;

let directory: string;
let cluster: RunningCluster;
let client: NamespaceClient;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'damage-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
  client = new NamespaceClient({ addresses: cluster.addresses, timeoutMs: ANSWER_MS });
  for (let at = 0; at < DIRECTORIES; at += 1) await makeFiles(`/d${at}`, FILES);
  for (const id of [1, 2, 3]) {
    await cluster.stop(id);
    keepCopy(id);
    await cluster.startMember(id);
    await upToDate(id);
    await makeFiles(`/e${id}`, FILES);
  }
});

afterAll(async () => {
  await client?.close();
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function makeFiles(path: string, count: number): Promise<void> {
  await client.batch([
    { kind: 'mkdir', path },
    ...Array.from(
      { length: count },
      (_, at) => ({ kind: 'create', path: `${path}/f${at}` }) as const,
    ),
  ]);
}

const copyOf = (id: number) => join(directory, 'older', `${id}`);

function keepCopy(id: number): void {
  rmSync(copyOf(id), { recursive: true, force: true });
  cpSync(cluster.data(id), copyOf(id), { recursive: true });
}

/** Resolves once a member holds what the leader holds, and counts. */
async function upToDate(id: number): Promise<void> {
  for (;;) {
    const { members, leader } = await readClusterStatus(cluster.addresses, ANSWER_MS);
    const leads = members.find((member) => member.id === leader);
    const own = members.find((member) => member.id === id);
    if (leads === undefined || leads.applied !== leads.lastIndex) continue;
    if (own?.reachable && own.recovering === false && own.applied === leads.applied) return;
  }
}

async function leaderAddress(): Promise<string> {
  for (;;) {
    const { members, leader } = await readClusterStatus(cluster.addresses, ANSWER_MS);
    const leads = members.find((member) => member.id === leader);
    if (leads !== undefined) return leads.address;
  }
}

/** It has refused to start: in one line, with what to do and a code that operators can look up. */
async function expectRefusal(member: SpawnedMember): Promise<void> {
  expect(await member.ended).toBe(1);
  const lines = member.errors.trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^inode-app: .*(put it back|--rejoin|move it away)/i),
  ]);
  expect(JSON.parse(member.printed)).toMatchObject({ event: 'failed', code: 'DATA_CORRUPT' });
}

/** It serves: nothing but lines of a running member on standard error, and the leader's tree. */
async function expectEqualTree(member: SpawnedMember, id: number): Promise<void> {
  const address = cluster.addresses[id - 1] ?? '';
  const ended = member.ended.then((code) => {
    throw new Error(`member ${id} ended with ${code}: ${member.errors}`);
  });
  const equal = async () => {
    await upToDate(id);
    const own = await treeOf(address, ANSWER_MS);
    await upToDate(id);
    expect(own).toEqual(await treeOf(await leaderAddress(), ANSWER_MS));
  };
  await Promise.race([equal(), ended]);
  for (const line of member.errors.trimEnd().split('\n')) {
    expect(line).toMatch(/^$|^\S+Z member \d: /);
  }
}

describe('a member whose directory was damaged', () => {
  it.each(SEEDS)('serves rightly, mends itself or says what to do: seed %i', async (seed) => {
    const random = new Random(seed);
    const id = random.integer(1, 3);
    await makeFiles(`/s${seed}`, random.integer(0, 50));
    await (random.chance(0.5) ? cluster.stop(id) : cluster.kill(id));
    const older = `${copyOf(id)}-before`;
    rmSync(older, { recursive: true, force: true });
    cpSync(copyOf(id), older, { recursive: true });
    keepCopy(id);
    const damage = drawDamage(random, cluster.data(id), older);
    let member = cluster.spawnMember(id);
    let outcome = 'serves';
    try {
      if (await member.serving) {
        await expectEqualTree(member, id);
        if (member.errors.includes('damaged')) outcome = 'mends itself';
      } else {
        await expectRefusal(member);
        outcome = 'says what to do';
      }
    } catch (error) {
      process.stdout.write(`seed ${seed}: ${damage}: FAILED\n${member.errors}${member.printed}\n`);
      outcome = 'FAILED';
      throw error;
    } finally {
      if (outcome === 'FAILED' || outcome === 'says what to do') {
        await cluster.kill(id);
        rmSync(cluster.data(id), { recursive: true, force: true });
        member = cluster.spawnMember(id, '--rejoin');
        if (await member.serving) await upToDate(id);
      }
    }
    process.stdout.write(`seed ${seed}: ${damage}: ${outcome}\n`);
  });
});

describe('a member whose tree is damaged while it serves', () => {
  it('mends itself, without an end of its process', async () => {
    await makeFiles('/while-it-serves', FILES);
    await cluster.stop(1);
    // Opened again, all is in tables, and nothing in memory.
    const member = cluster.spawnMember(1);
    await upToDate(1);
    const store = join(cluster.data(1), 'store');
    for (const name of readdirSync(store).filter((one) => one.endsWith('.sst'))) {
      const table = join(store, name);
      // All of it: its first block may have been read by now, and be in memory.
      writeFileSync(table, Buffer.alloc(statSync(table).size, 0xff), { flag: 'r+' });
    }
    await expectEqualTree(member, 1);
    expect(member.errors).toContain('the tree is damaged and is made again');
    expect(readdirSync(cluster.data(1))).toContainEqual(
      expect.stringMatching(/^store\.damaged-\d+$/),
    );
  });
});
