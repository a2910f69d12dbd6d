import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { bytesOfText } from '../byte-text.js';
import type { SkippedEntry, Storage, StorageEntry, StoragePage } from '../storage.js';
import { MAX_STORAGE_PAGE } from '../storage.js';
import { StorageError, type StorageErrorCode } from '../storage-error.js';
import { childPath } from '../storage-path.js';
import { sendContent } from './send-content.js';
import type { StorageHome } from './storage-home.js';

/** Files written at a time. */
const WRITERS = 16;

/** What a case works with: its place, open, and everything closed and removed at the end. */
export class StorageBench {
  readonly home: StorageHome;
  readonly storage: Storage;
  /** Never aborted. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #opened: Storage[];

  private constructor(home: StorageHome, storage: Storage) {
    this.home = home;
    this.storage = storage;
    this.#opened = [storage];
  }

  static async open(home: StorageHome): Promise<StorageBench> {
    return new StorageBench(home, await home.driver.open(home.uri, home.options, home.credentials));
  }

  /** Has a storage closed at the end. */
  keep(storage: Storage): Storage {
    this.#opened.push(storage);
    return storage;
  }

  async remove(): Promise<void> {
    for (const storage of this.#opened) await storage.close();
    await this.home.remove();
  }

  stat(path: string): Promise<StorageEntry | undefined> {
    return this.storage.stat(path, this.signal);
  }

  /** What is at a path, where something must be. */
  async entry(path: string): Promise<StorageEntry> {
    const entry = await this.stat(path);
    assert.ok(entry !== undefined, `nothing is at ${JSON.stringify(path)}`);
    return entry;
  }

  makeDirectory(path: string): Promise<void> {
    return this.storage.makeDirectory(path, this.signal);
  }

  removeEntry(path: string, recursive = false): Promise<void> {
    return this.storage.remove(path, { recursive }, this.signal);
  }

  copy(source: string, destination: string): Promise<void> {
    return this.storage.copy(source, destination, {}, this.signal);
  }

  removeCopied(source: string, destination: string): Promise<number> {
    return this.storage.removeCopied(source, destination, {}, this.signal);
  }

  async writeFiles(paths: readonly string[], content: (path: string) => string): Promise<void> {
    const waiting = paths.values();
    const writer = async () => {
      for (const path of waiting) await this.home.writeFile(path, content(path));
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
  }

  async pages(path: string): Promise<readonly StoragePage[]> {
    const pages: StoragePage[] = [];
    for await (const page of this.storage.list(path, this.signal)) {
      assert.ok(page.entries.length <= MAX_STORAGE_PAGE, 'a page is too large');
      pages.push(page);
    }
    return pages;
  }

  /** All entries of a directory by name, each once. */
  async list(path: string): Promise<ReadonlyMap<string, StorageEntry>> {
    const entries = (await this.pages(path)).flatMap((page) => page.entries);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    assert.equal(byName.size, entries.length, 'a name is listed twice');
    return byName;
  }

  async names(path: string): Promise<readonly string[]> {
    return [...(await this.list(path)).keys()].sort();
  }

  async skipped(path: string): Promise<readonly SkippedEntry[]> {
    return (await this.pages(path)).flatMap((page) => page.skipped);
  }

  /** All that is below a directory: paths with the contents of files, `/` behind directories. */
  async tree(path: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [name, { type }] of await this.list(path)) {
      const child = childPath(path, name);
      if (type === 'file') found.push(`${name}=${await this.read(child)}`);
      else if (type === 'symlink') found.push(`${name}@`);
      else found.push(`${name}/`, ...(await this.tree(child)).map((below) => `${name}/${below}`));
    }
    return found.sort();
  }

  /** Reads where the storage says. */
  async read(path: string): Promise<string> {
    const { kind, location, method } = await this.storage.location(path, 'read', this.signal);
    if (kind === 'path') return readFile(bytesOf(location), 'utf8');
    const response = await fetch(location, { method: method ?? 'GET' });
    const text = await response.text();
    assert.ok(response.ok, `${response.status}: ${text}`);
    return text;
  }

  /** Writes where the storage says. */
  async write(path: string, content: string): Promise<void> {
    const { kind, location, method } = await this.storage.location(path, 'write', this.signal);
    if (kind === 'path') return writeFile(bytesOf(location), content);
    assert.ok(method !== undefined, 'a URL to write to has a method');
    await sendContent(location, method, content);
  }
}

function bytesOf(path: string): Buffer {
  const bytes = bytesOfText(path);
  assert.ok(bytes !== undefined, 'a path stands for bytes');
  return bytes;
}

/** Cases by name, each on a bench of its own. */
export type StorageCases = Readonly<Record<string, (bench: StorageBench) => Promise<void>>>;

/** Sees that a call is refused with a code. */
export function rejectsWith(code: StorageErrorCode, call: Promise<unknown>): Promise<void> {
  return assert.rejects(call, (error) => {
    assert.ok(error instanceof StorageError, `not a StorageError: ${error}`);
    assert.equal(error.code, code, error.message);
    assert.doesNotMatch(error.message, /[\r\n]/);
    return true;
  });
}

/** The first page of a listing, or its error. */
export async function firstPage(pages: AsyncIterable<StoragePage>): Promise<StoragePage> {
  for await (const page of pages) return page;
  return { entries: [], skipped: [] };
}
