import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freeAddresses } from '@raft-ts/net/testing';
import { expect, it } from 'vitest';
import { NamespaceClient } from '../client/namespace-client.js';
import { localDriver, type StorageDriver } from '../storages/index.js';
import { Master } from './master.js';

/** Longer than a leader waits before it says that a directory still comes in. */
const LISTING_MS = 5_500;

let listings = 0;

const slowDriver: StorageDriver = {
  scheme: 'file',
  parse: localDriver.parse,
  async open(...described) {
    const storage = await localDriver.open(...described);
    async function* list(...asked: Parameters<typeof storage.list>) {
      listings += 1;
      await pause(LISTING_MS);
      yield* storage.list(...asked);
    }
    return new Proxy(storage, {
      get(target, name) {
        const own: unknown = name === 'list' ? list : Reflect.get(target, name);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
  },
};

it('a listing that is to be of now ends, though its storage takes longer for it than anybody waits', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slow-listing-'));
  try {
    const [memberAddress = '', clientAddress = ''] = await freeAddresses(2);
    const place = join(directory, 'place');
    mkdirSync(join(place, 'a'), { recursive: true });
    await using _ = await Master.start({
      id: 1,
      clusterId: 'slow-listing',
      directory: join(directory, 'data'),
      members: [{ id: 1, memberAddress, clientAddress }],
      storages: [slowDriver],
    });
    await using client = new NamespaceClient({ addresses: [clientAddress], timeoutMs: 600_000 });
    await client.mount('/m', `file://${place}`, { syncIntervalMs: 0 });
    const names: string[] = [];
    for await (const { name } of client.list('/m')) names.push(name);
    expect(names).toEqual(['a']);
    // The second one began surely after it was asked for.
    expect(listings).toBeLessThanOrEqual(2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
