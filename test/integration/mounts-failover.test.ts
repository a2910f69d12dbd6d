import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { Master, NamespaceClient, readClusterStatus } from 'inode-app';
import { localDriver, type StorageDriver } from 'inode-app/storages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from './until.js';

const STATUS_MS = 2_000;
const CLIENT_MS = 120_000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mounts-failover-'));
});

afterEach(() => rm(directory, { recursive: true }));

/** A local directory that does not answer what it is asked while it is silent, also afterwards. */
class SilentStorage implements StorageDriver {
  readonly scheme = localDriver.scheme;
  readonly parse = localDriver.parse.bind(localDriver);
  isSilent = false;
  /** Requests that get no answer. */
  unanswered = 0;

  readonly open: StorageDriver['open'] = async (uri, options, credentials) => {
    const storage = await localDriver.open(uri, options, credentials);
    const stat = storage.stat.bind(storage);
    storage.stat = async (path, signal) => {
      if (!this.isSilent) return await stat(path, signal);
      this.unanswered += 1;
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    };
    return storage;
  };
}

it('what waits for a storage under a leader that goes is answered under the next', async () => {
  const addresses = await freeAddresses(6);
  const members = [0, 2, 4].map((at) => ({
    id: at / 2 + 1,
    memberAddress: addresses[at] ?? '',
    clientAddress: addresses[at + 1] ?? '',
  }));
  const storage = new SilentStorage();
  const masters = await Promise.all(
    members.map(({ id }) => {
      const home = join(directory, `member-${id}`);
      return Master.start({ id, clusterId: 'c', directory: home, members, storages: [storage] });
    }),
  );
  await using client = new NamespaceClient({
    addresses: members.map(({ clientAddress }) => clientAddress),
    timeoutMs: CLIENT_MS,
  });
  try {
    await mkdir(join(directory, 'place', 'd'), { recursive: true });
    await mkdir(join(directory, 'place', 'e'));
    await writeFile(join(directory, 'place', 'f'), 'content');
    await client.mount('/m', `file://${join(directory, 'place')}`);
    storage.isSilent = true;
    const waiting = Promise.allSettled([
      client.getStatus('/m/f', { syncIntervalMs: 0 }),
      client.sync('/m/e', { recursive: true }),
      client.delete('/m/d'),
    ]);
    await until(() => storage.unanswered >= 3);
    storage.isSilent = false;
    const status = await readClusterStatus(
      members.map(({ clientAddress }) => clientAddress),
      STATUS_MS,
    );
    const leader = status.members.find(({ role }) => role === 'leader')?.id ?? 0;
    await masters[leader - 1]?.stop();
    expect(await waiting).toMatchObject([
      { value: { type: 'file', size: 7 } },
      { value: { ended: true, directories: 1 } },
      { status: 'fulfilled' },
    ]);
  } finally {
    await Promise.all(masters.map((master) => master.stop()));
  }
});
