import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readClusterStatus } from '../client/cluster-status.js';
import { NamespaceClient } from '../client/namespace-client.js';
import { Master } from './master.js';
import type { MasterOptions } from './master-options.js';

const PATIENT_MS = 3_600_000;
const LIMIT_BYTES = 64 * 1024;
/** Some of which fill the log to its limit. */
const DIRECTORIES = 800;
const AT_ONCE = 100;

let directory: string;
let addresses: readonly string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-limit-'));
  addresses = await freeAddresses(6);
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function optionsOf(id: number): MasterOptions {
  const members = [1, 2, 3].map((each) => ({
    id: each,
    memberAddress: addresses[each - 1] ?? '',
    clientAddress: addresses[each + 2] ?? '',
  }));
  const data = join(directory, `${id}`);
  return { id, clusterId: 'limit', directory: data, members, logLimitBytes: LIMIT_BYTES };
}

const startAll = () => Promise.all([1, 2, 3].map((id) => Master.start(optionsOf(id))));

/** Resolves once every member has cut its log to below the limit. */
async function untilCut(): Promise<void> {
  for (;;) {
    const { members } = await readClusterStatus(addresses.slice(3), PATIENT_MS);
    const cut = members.filter(
      ({ firstIndex, logBytes }) => (firstIndex ?? 1) > 1 && (logBytes ?? 0) <= LIMIT_BYTES,
    );
    if (cut.length === 3) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('masters cut their logs, and have the whole tree after all of them were started again', async () => {
  let masters = await startAll();
  const client = new NamespaceClient({ addresses: addresses.slice(3), timeoutMs: PATIENT_MS });
  const named = Array.from({ length: DIRECTORIES }, (_, at) => `/${`${at}`.padStart(100, '0')}`);
  for (let at = 0; at < DIRECTORIES; at += AT_ONCE) {
    await Promise.all(named.slice(at, at + AT_ONCE).map((path) => client.mkdir(path)));
  }
  await untilCut();
  await Promise.all(masters.map((master) => master.stop()));
  masters = await startAll();
  const found = await Promise.all(named.map((path) => client.getStatus(path)));
  expect(found.map(({ type }) => type)).toEqual(named.map(() => 'directory'));
  await client.mkdir('/after');
  await client.close();
  await Promise.all(masters.map((master) => master.stop()));
});
