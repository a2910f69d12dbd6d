import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NamespaceClient } from '../client/namespace-client.js';
import { localDriver, type Storage, type StorageDriver, StorageError } from '../storages/index.js';
import { Master } from './master.js';

let directory: string;
let place: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'left-behind-'));
  place = join(directory, 'place');
  mkdirSync(join(place, 'a'), { recursive: true });
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A directory that renames nothing: it copies. Somebody puts a file among the originals before these go. */
const copyingDriver: StorageDriver = {
  scheme: 'file',
  parse: localDriver.parse,
  async open(...described) {
    const storage = await localDriver.open(...described);
    const others: Partial<Storage> = {
      abilities: { renames: { files: false, directories: false } },
      rename: () => Promise.reject(new StorageError('UNSUPPORTED', 'it renames nothing')),
      removeCopied(source, ...others) {
        writeFileSync(join(place, source, 'late'), '');
        return storage.removeCopied(source, ...others);
      },
    };
    return new Proxy(storage, {
      get(target, name) {
        const own: unknown = Reflect.get(name in others ? others : target, name);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
  },
};

it('what was put among the originals of a move is in the tree, though nobody looks there again', async () => {
  const [memberAddress = '', clientAddress = ''] = await freeAddresses(2);
  await using _ = await Master.start({
    id: 1,
    clusterId: 'left-behind',
    directory: join(directory, 'data'),
    members: [{ id: 1, memberAddress, clientAddress }],
    storages: [copyingDriver],
  });
  await using client = new NamespaceClient({ addresses: [clientAddress], timeoutMs: 600_000 });
  await client.mount('/m', `file://${place}`, { syncIntervalMs: -1 });
  for await (const { name } of client.list('/m')) expect(name).toBe('a');
  await client.rename('/m/a', '/m/b');
  for (const names = new Set<string>(); !names.has('a'); ) {
    for await (const { name } of client.list('/m')) names.add(name);
  }
  expect(await client.getStatus('/m/a/late')).toMatchObject({ type: 'file' });
});
