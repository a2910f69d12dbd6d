import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient } from '@raft-ts/net';
import { eventually } from '@raft-ts/net/testing';
import { FileSnapshotReceiver, type Membership, type SnapshotSupply, stateOf } from 'raft-ts';
import { EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeReplica, ManualClock } from '../service/fake-member.test.support.js';
import { MemberSnapshots, type MemberSnapshotsOptions } from './member-snapshots.js';

const CLUSTER = { clusterId: 'c', application: { name: 'text', version: 1 } };
const INDEX = 7;
const GIB = 1024 ** 3;

let directory: string;
let open: AsyncDisposable[];
let installed: string[];
let membership: Membership;
let replica: FakeReplica;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'member-snapshots-'));
  open = [];
  installed = [];
  membership = EMPTY_MEMBERSHIP;
  replica = new FakeReplica();
});

afterEach(async () => {
  for (const part of open) await part[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const supply: SnapshotSupply = {
  take: async (index) => {
    if (index > INDEX) return undefined;
    async function* chunks() {
      yield Buffer.from('all that is known');
    }
    return stateOf({ index: INDEX, term: 2, membership }, { chunks: chunks() });
  },
  estimatedBytes: async () => GIB,
};

/** A member on a port of its own; the membership says where. */
async function member(id: number, given: Partial<MemberSnapshotsOptions> = {}) {
  const received = join(directory, `${id}-received`);
  await mkdir(received);
  const snapshots = await MemberSnapshots.open({
    ...CLUSTER,
    id,
    directory: join(directory, `${id}`),
    address: '127.0.0.1:0',
    supply,
    receiver: new FileSnapshotReceiver({
      directory: received,
      install: async (path) => {
        installed.push(`${await readFile(path)}`);
      },
    }),
    freeBytes: async () => 100 * GIB,
    ...given,
  });
  open.push(snapshots);
  const { configuration, endpoints } = membership;
  const voters = [...configuration.voters, id];
  const at = { member: `m${id}:1`, http: snapshots.address };
  membership = {
    ...membership,
    configuration: { ...configuration, voters },
    endpoints: { ...endpoints, [id]: at },
  };
  snapshots.serve({
    get membership() {
      return membership;
    },
    status: () => replica.status(),
  });
  return snapshots;
}

const request = { from: 1, index: INDEX };
const never = new AbortController().signal;

it('a member gets the state of another that the membership names, and says what it keeps', async () => {
  const giving = await member(1);
  const taking = await member(2);
  expect(giving.status()).toMatchObject({ kept: [], making: undefined, makingFailure: undefined });
  await using fetched = await taking.fetch(request, never);
  expect(fetched.base).toMatchObject({ index: INDEX, term: 2 });
  await fetched.install();
  expect(installed).toHaveLength(1);
  expect(installed[0]).toContain('all that is known');
  expect(giving.status().kept).toMatchObject([{ index: INDEX }]);
  expect(taking.status()).toMatchObject({ kept: [], fetching: undefined });
});

it('says where others reach it, which need not be where it listens', async () => {
  const behind = await member(1);
  expect(behind.status().address).toBe(behind.address);
  const at = { member: 'm1:1', http: 'forwarded:80' };
  membership = { ...membership, endpoints: { ...membership.endpoints, 1: at } };
  expect(behind.status().address).toBe('forwarded:80');
});

it('asks nobody before it knows who takes part, nor itself', async () => {
  const alone = await member(1);
  await expect(alone.fetch(request, never)).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
  expect(alone.status().kept).toEqual([]);
});

it('makes no snapshot that the disk has no room for, and says so to who asks and in its status', async () => {
  let free = GIB;
  const giving = await member(1, { freeBytes: async () => free });
  const taking = await member(2);
  await expect(taking.fetch(request, never)).rejects.toThrow(
    /no room to make a snapshot.*1024 MiB/,
  );
  expect(giving.status()).toMatchObject({ kept: [] });
  expect(giving.status().makingFailure).toContain('no room to make a snapshot');
  free = 100 * GIB;
  await (await taking.fetch(request, never))[Symbol.asyncDispose]();
  expect(giving.status()).toMatchObject({ kept: [{ index: INDEX }], makingFailure: undefined });
});

it('fetches nothing that its disk has no room for, until there is some', async () => {
  let free = 1;
  await member(1);
  const taking = await member(2, { freeBytes: async () => free, minFreeBytes: 10 });
  await expect(taking.fetch(request, never)).rejects.toThrow(/no room for the state of another/);
  free = GIB;
  await using fetched = await taking.fetch(request, never);
  expect(fetched.base.index).toBe(INDEX);
});

it('gives back what it had received when its disk is full', async () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  const received = join(directory, 'received');
  await mkdir(received);
  const file = new FileSnapshotReceiver({ directory: received, install: async () => {} });
  const failing = {
    begun: () => file.begun(),
    begin: (...manifest: Parameters<typeof file.begin>) => file.begin(...manifest),
    accept: () => Promise.reject(full),
    complete: () => file.complete(),
    discard: () => file.discard(),
    [Symbol.asyncDispose]: () => file.close(),
  };
  await member(1);
  const taking = await member(2, { receiver: failing });
  await expect(taking.fetch(request, never)).rejects.toBe(full);
  expect(await file.begun()).toBeUndefined();
});

it('answers other paths with what it was given for them', async () => {
  const handler = async () => ({ status: 200, body: Buffer.from('another') });
  const { address } = await member(1, { handler });
  await using client = new HttpClient();
  await using other = await client.request(address, { path: '/other' });
  expect(`${await other.body()}`).toBe('another');
  const path = '/raft/1/c/0/snapshots/latest';
  await using manifest = await client.request(address, { path });
  expect(manifest.status).toBe(200);
});

it('keeps what it has made over a restart', async () => {
  const first = await member(1);
  await using client = new HttpClient();
  const path = '/raft/1/c/0/snapshots/latest';
  await using manifest = await client.request(first.address, { path });
  expect(manifest.status).toBe(200);
  await first.close();
  const again = await member(3, { directory: join(directory, '1') });
  expect(again.status().kept).toMatchObject([{ index: INDEX }]);
});

it('removes what it keeps once the log is cut behind it', async () => {
  const clock = new ManualClock();
  const giving = await member(1, { clock });
  await using client = new HttpClient();
  const path = '/raft/1/c/0/snapshots/latest';
  await using manifest = await client.request(giving.address, { path });
  expect(manifest.status).toBe(200);
  replica.extent.firstIndex = INDEX + 1;
  clock.advance(60_000);
  await new Promise(setImmediate);
  expect(giving.status().kept).toHaveLength(1);
  replica.extent.firstIndex = INDEX + 2;
  await eventually('it is removed', () => {
    clock.advance(60_000);
    return giving.status().kept.length === 0;
  });
  await giving.close();
  expect(clock.timers).toBe(0);
});

it('refuses options that do not fit', async () => {
  await expect(member(1, { maxBytesPerSecond: 0 })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  });
});
