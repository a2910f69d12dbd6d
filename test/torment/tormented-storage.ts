import type { Storage, StorageDriver, StorageOptions } from 'inode-app/storages';

/** What a storage holds: the size of each file by its path in the place, `'directory'` for directories. */
export type Contents = ReadonlyMap<string, Found>;
export type Found = number | 'directory' | 'symlink';

/** Something that happens to a storage, and how it ends. */
export interface StorageTrouble {
  readonly name: string;
  /** Resolves once it has begun. */
  begin(): Promise<void>;
  /** Resolves once the storage can serve again. */
  end(): Promise<void>;
}

/** A storage that is mounted while it is tormented. */
export interface TormentedStorage extends AsyncDisposable {
  readonly name: string;
  readonly driver: StorageDriver;
  readonly uri: string;
  readonly options: StorageOptions;
  /** Of the masters' processes, and of this one. */
  readonly environment: Readonly<Record<string, string>>;
  readonly troubles: readonly StorageTrouble[];
  /** Opened by somebody else than the masters. */
  open(): Promise<Storage>;
  /** What it holds, as told by itself and not by the driver where that can be. */
  contents(): Promise<Contents>;
}

/** Nothing keeps a program from running its storage here but that it is absent: which, in one line. */
export class StorageAbsent extends Error {
  override readonly name = 'StorageAbsent';
}

/** Lists a storage by its driver. */
export async function listedContents(storage: Storage): Promise<Contents> {
  const { signal } = new AbortController();
  const contents = new Map<string, Found>();
  const directories = [''];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for await (const { entries } of storage.list(directory, signal)) {
      for (const { name, type, size } of entries) {
        const path = directory === '' ? name : `${directory}/${name}`;
        contents.set(path, type === 'file' ? size : type);
        if (type === 'directory') directories.push(path);
      }
    }
  }
  return contents;
}
