import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { localDriver } from 'inode-app/storages';
import type { Contents, Found, TormentedStorage } from './tormented-storage.js';

/** A directory of this machine. It goes, and comes back, as a disk that is taken out. */
export async function startFileStorage(): Promise<TormentedStorage> {
  const home = await mkdtemp(join(tmpdir(), 'torment-file-'));
  const place = join(home, 'place');
  const away = join(home, 'away');
  await mkdir(place);
  const uri = `file://${place}`;
  return {
    name: 'file',
    driver: localDriver,
    uri,
    options: {},
    environment: {},
    troubles: [
      {
        name: 'place away',
        begin: () => rename(place, away),
        end: () => rename(away, place),
      },
    ],
    open: () => localDriver.open(uri, {}, undefined),
    contents: () => directoryContents(place),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

/** What a directory of this machine holds, but for names that `isOwn` says are the server's. */
export async function directoryContents(
  directory: string,
  isOwn: (path: string) => boolean = () => false,
): Promise<Contents> {
  const contents = new Map<string, Found>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const called = relative(directory, path);
    if (isOwn(called)) continue;
    if (entry.isDirectory()) contents.set(called, 'directory');
    else if (entry.isFile()) contents.set(called, (await stat(path)).size);
    else contents.set(called, 'symlink');
  }
  return contents;
}
