import { expect, it } from 'vitest';
import { byteStringFromText, NO_BYTES } from '../namespace/tree/byte-string.js';
import type { StorageCredentials, StorageDriver } from '../storages/storage.js';
import { ManualClock, settled } from './manual-clock.test.support.js';
import { MountAccesses } from './mount-accesses.js';
import { ScriptedStorage } from './scripted-storage.test.support.js';

it('a storage that refuses its credentials is opened with those that the profile holds by then', async () => {
  const profiles = new Map<string, StorageCredentials>([['p', { secret: 'old' }]]);
  const opened: { readonly with: StorageCredentials; readonly storage: ScriptedStorage }[] = [];
  const driver: StorageDriver = {
    scheme: 'scripted',
    parse: (uri) => ({ uri, place: uri }),
    async open(_uri, _options, credentials) {
      const storage = new ScriptedStorage();
      if (credentials?.secret === 'old') storage.otherwise = 'FORBIDDEN';
      opened.push({ with: credentials, storage });
      return storage;
    },
  };
  const accesses = new MountAccesses({
    drivers: [driver],
    credentials: async (profile) => profiles.get(profile),
    access: {},
    clock: new ManualClock(),
    random: () => 0.5,
  });
  const bytes = (text: string) => byteStringFromText(text) ?? NO_BYTES;
  await using access = accesses.open({
    uri: bytes('scripted:place'),
    profile: bytes('p'),
    options: [],
  });
  const { signal } = new AbortController();
  const stat = async () => {
    const answer = access.read((storage, until) => storage.stat('a', until), { signal });
    await answer.catch(() => {});
    await settled();
    return answer;
  };
  await expect(stat()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(stat()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(opened).toHaveLength(1);
  profiles.set('p', { secret: 'new' });
  // It is refused once more: only then anybody knows that there may be others.
  await expect(stat()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await stat()).toMatchObject({ name: 'a' });
  expect(opened.map(({ storage }) => storage.closed)).toEqual([1, 0]);
});
