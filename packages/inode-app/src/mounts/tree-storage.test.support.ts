import type {
  RemoveOptions,
  Storage,
  StorageAbilities,
  StorageDriver,
  StorageEntry,
  StorageLocation,
  StoragePage,
} from '../storages/storage.js';
import { StorageError, type StorageErrorCode } from '../storages/storage-error.js';
import { lastName, parentPath, pathFormFault } from '../storages/storage-path.js';

export type Method = Exclude<keyof Storage, 'abilities' | 'pathFault' | symbol>;

/** What comes of one request instead of an answer. */
export interface Instead {
  /** Rejects so, before anything is done, or (`done`) after. */
  readonly fails?: StorageErrorCode;
  readonly done?: boolean;
  /** Throws what no storage may. */
  readonly throws?: Error;
  /** Waits for this before it does anything: for ever, it may be; its signal ends it. */
  readonly waits?: Promise<unknown>;
}

const DIRECTORY: Omit<StorageEntry, 'name'> = {
  type: 'directory',
  size: 0,
  modifiedMs: undefined,
  mode: undefined,
  owner: undefined,
  group: undefined,
  target: undefined,
  fingerprint: '',
};

/** A storage in memory that anybody may change behind the tree's back, and that does with requests as a test says. */
export class TreeStorage implements Storage {
  abilities: StorageAbilities = { renames: { files: true, directories: true } };
  readonly entries = new Map<string, StorageEntry>([['', { name: '', ...DIRECTORY }]]);
  /** Requests that came, as `stat a/b`. */
  readonly asked: string[] = [];
  /** Entries in a page of a listing. */
  pageEntries = 1000;
  /** What a listing passes by. */
  skipped: StoragePage['skipped'] = [];
  /** What listings bring beside what is there. */
  extra: readonly StorageEntry[] = [];
  closed = 0;
  #instead: (method: Method, path: string) => Instead | undefined = () => undefined;

  /** From now on requests come to this. */
  behave(instead: (method: Method, path: string) => Instead | undefined): void {
    this.#instead = instead;
  }

  /** The next request of a kind comes to this, and those after it are answered. */
  once(method: Method, instead: Instead): void {
    let used = false;
    this.behave((each) => {
      if (each !== method || used) return undefined;
      used = true;
      return instead;
    });
  }

  file(path: string, given: Partial<StorageEntry> = {}): void {
    const name = lastName(path);
    const entry = { ...DIRECTORY, name, type: 'file', size: 3, fingerprint: 'one' } as const;
    this.entries.set(path, { ...entry, ...given });
  }

  directory(path: string, given: Partial<StorageEntry> = {}): void {
    this.entries.set(path, { name: lastName(path), ...DIRECTORY, ...given });
  }

  gone(path: string): void {
    for (const each of this.#within(path)) this.entries.delete(each);
  }

  get paths(): readonly string[] {
    return [...this.entries.keys()].filter((path) => path !== '').sort();
  }

  #within(path: string): readonly string[] {
    return [...this.entries.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
  }

  pathFault(path: string): string | undefined {
    return path.includes('unfit') ? 'a name that is unfit' : pathFormFault(path);
  }

  async stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    return await this.#request('stat', path, signal, () => this.entries.get(path));
  }

  async *list(path: string, signal: AbortSignal): AsyncGenerator<StoragePage> {
    const found = await this.#request('list', path, signal, () => {
      this.#mustBeDirectory(path);
      const below = [...this.entries].filter(([each]) => each !== '' && parentPath(each) === path);
      return [...below.map(([, entry]) => entry), ...this.extra];
    });
    for (let at = 0; at === 0 || at < found.length; at += this.pageEntries) {
      if (at > 0) await this.#request('list', path, signal, () => undefined);
      const entries = found.slice(at, at + this.pageEntries);
      yield { entries, skipped: at === 0 ? this.skipped : [] };
    }
  }

  async makeDirectory(path: string, signal: AbortSignal): Promise<void> {
    await this.#request('makeDirectory', path, signal, () => {
      this.#mustBeFree(path);
      this.directory(path);
    });
  }

  async remove(path: string, { recursive }: RemoveOptions, signal: AbortSignal): Promise<void> {
    await this.#request('remove', path, signal, () => {
      if (!this.entries.has(path)) throw new StorageError('NOT_FOUND', path);
      if (!recursive && this.#within(path).length > 1) throw new StorageError('NOT_EMPTY', path);
      this.gone(path);
    });
  }

  async rename(source: string, destination: string, signal: AbortSignal): Promise<void> {
    await this.#request('rename', source, signal, () => {
      const isDirectory = this.entries.get(source)?.type === 'directory';
      const { files, directories } = this.abilities.renames;
      if (!(isDirectory ? directories : files)) throw new StorageError('UNSUPPORTED', source);
      if (!this.entries.has(source)) throw new StorageError('NOT_FOUND', source);
      this.#mustBeFree(destination);
      this.#copy(source, destination);
      this.gone(source);
    });
  }

  async copy(
    source: string,
    destination: string,
    { onProgress = () => {} }: { readonly onProgress?: (entries: number) => void },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#request('copy', source, signal, () => {
      if (!this.entries.has(source)) throw new StorageError('NOT_FOUND', source);
      onProgress(1);
      this.#copy(source, destination);
    });
  }

  async removeCopied(
    source: string,
    destination: string,
    _options: object,
    signal: AbortSignal,
  ): Promise<number> {
    return await this.#request('removeCopied', source, signal, () => {
      let left = 0;
      for (const each of this.#within(source).toReversed()) {
        const copy = this.entries.get(destination + each.slice(source.length));
        const isCopied = copy?.fingerprint === this.entries.get(each)?.fingerprint;
        if (isCopied) this.entries.delete(each);
        else left += 1;
      }
      return left;
    });
  }

  async location(path: string, _purpose: string, signal: AbortSignal): Promise<StorageLocation> {
    return await this.#request('location', path, signal, () => ({
      kind: 'path' as const,
      location: `/srv/${path}`,
    }));
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #copy(source: string, destination: string): void {
    for (const each of this.#within(source)) {
      const entry = this.entries.get(each);
      const path = destination + each.slice(source.length);
      if (entry !== undefined) this.entries.set(path, { ...entry, name: lastName(path) });
    }
  }

  #mustBeFree(path: string): void {
    this.#mustBeDirectory(parentPath(path));
    if (this.entries.has(path)) throw new StorageError('ALREADY_EXISTS', path);
  }

  #mustBeDirectory(path: string): void {
    const entry = this.entries.get(path);
    if (entry === undefined) throw new StorageError('NOT_FOUND', path);
    if (entry.type !== 'directory') throw new StorageError('NOT_A_DIRECTORY', path);
  }

  async #request<Result>(
    method: Method,
    path: string,
    signal: AbortSignal,
    perform: () => Result,
  ): Promise<Result> {
    this.asked.push(`${method} ${path}`.trim());
    const { fails, done = false, throws, waits } = this.#instead(method, path) ?? {};
    if (throws !== undefined) throw throws;
    if (waits !== undefined) await Promise.race([waits, aborted(signal)]);
    signal.throwIfAborted();
    const result = fails === undefined || done ? perform() : undefined;
    if (fails !== undefined) throw new StorageError(fails, `it says ${fails}`);
    // It was performed.
    return result as Result;
  }
}

/** Never ends by itself. */
export const FOR_EVER = new Promise<never>(() => {});

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** Opens storages in memory, each by its URI. */
export class TreeDriver implements StorageDriver {
  readonly scheme = 'mem';
  readonly storages = new Map<string, TreeStorage>();
  opened = 0;

  at(uri: string): TreeStorage {
    const storage = this.storages.get(uri) ?? new TreeStorage();
    this.storages.set(uri, storage);
    return storage;
  }

  parse(uri: string, { wrong, place = uri }: Readonly<Record<string, string>>) {
    if (wrong !== undefined) throw new StorageError('INVALID', 'no such option');
    return { uri, place };
  }

  async open(uri: string): Promise<Storage> {
    this.opened += 1;
    return this.at(uri);
  }
}
