import { StorageError } from 'inode-app/storages';

/** Bytes of a content are a function of its number. */
const MAX_BYTES = 97;

/** A file or a directory of the storage; each content has a number of its own. */
export type Stored =
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly content: number; readonly modifiedMs: number };

export function bytesOf(content: number): number {
  return content % MAX_BYTES;
}

export function fingerprintOf(content: number): string {
  return `c${content}`;
}

/** What is at a path in one word, to compare: as `wordOf` says of what is stored, or of an inode. */
export type Word = string;
export const NOTHING: Word = 'nothing';
export const DIRECTORY: Word = 'directory';
export const INCOMPLETE: Word = 'incomplete';

export function fileWord(size: number, fingerprint: string): Word {
  return `file of ${size} bytes ${fingerprint}`;
}

function wordOf(stored: Stored | undefined): Word {
  if (stored === undefined) return NOTHING;
  if (stored.type === 'directory') return DIRECTORY;
  return fileWord(bytesOf(stored.content), fingerprintOf(stored.content));
}

/** From when on a path was so. */
interface Since {
  readonly atMs: number;
  readonly word: Word;
}

/**
 * The files that a storage holds, apart from all machines, and what was at each path since when. Paths and errors are
 * those of the contract `Storage`; each change happens in one moment.
 */
export class StoredFiles {
  readonly #now: () => number;
  readonly #entries = new Map<string, Stored>([['', { type: 'directory' }]]);
  readonly #history = new Map<string, Since[]>();
  #contents = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The number of a content that nobody has written yet. */
  newContent(): number {
    this.#contents += 1;
    return this.#contents;
  }

  get(path: string): Stored | undefined {
    return this.#entries.get(path);
  }

  /** All but the place itself, by path. */
  all(): ReadonlyMap<string, Word> {
    const entries = [...this.#entries].filter(([path]) => path !== '');
    return new Map(entries.map(([path, stored]) => [path, wordOf(stored)]));
  }

  /** What has been at a path at some moment from then on. */
  wordsSince(path: string, fromMs: number): readonly Word[] {
    const history = this.#history.get(path) ?? [];
    const first = history.findLastIndex(({ atMs }) => atMs <= fromMs);
    const words = history.slice(Math.max(0, first)).map(({ word }) => word);
    return first < 0 ? [NOTHING, ...words] : words;
  }

  /** Names in a directory, in order. */
  names(path: string): readonly string[] {
    const stored = this.#entries.get(path);
    if (stored === undefined) throw fault('NOT_FOUND', path);
    if (stored.type !== 'directory') throw fault('NOT_A_DIRECTORY', path);
    const start = path === '' ? '' : `${path}/`;
    return [...this.#entries.keys()]
      .filter((each) => each !== '' && each.startsWith(start) && !each.includes('/', start.length))
      .map((each) => each.slice(start.length))
      .sort();
  }

  makeDirectory(path: string): void {
    if (this.#entries.has(path)) throw fault('ALREADY_EXISTS', path);
    this.#checkParent(path);
    this.#set(path, { type: 'directory' });
  }

  /** Makes a file, or replaces one. */
  write(path: string, content: number): void {
    if (this.#entries.get(path)?.type === 'directory') throw fault('IS_A_DIRECTORY', path);
    this.#checkParent(path);
    this.#set(path, { type: 'file', content, modifiedMs: Math.floor(this.#now()) });
  }

  remove(path: string): void {
    if (path === '') throw fault('UNSUPPORTED', path);
    const stored = this.#entries.get(path);
    if (stored === undefined) throw fault('NOT_FOUND', path);
    if (stored.type === 'directory' && this.names(path).length > 0) throw fault('NOT_EMPTY', path);
    this.#set(path, undefined);
  }

  /** With all that is below. */
  removeAll(path: string): void {
    if (path === '') throw fault('UNSUPPORTED', path);
    if (!this.#entries.has(path)) throw fault('NOT_FOUND', path);
    for (const each of this.#within(path)) this.#set(each, undefined);
  }

  rename(source: string, destination: string): void {
    this.checkMove(source, destination);
    if (this.#entries.has(destination)) throw fault('ALREADY_EXISTS', destination);
    const moved = this.#within(source).map((path) => [path, this.#entries.get(path)] as const);
    for (const [path] of moved) this.#set(path, undefined);
    for (const [path, stored] of moved) {
      this.#set(`${destination}${path.slice(source.length)}`, stored);
    }
  }

  /** Copies one entry, without what is below; passes by what is there and equal. */
  copyOne(source: string, destination: string): Stored {
    const stored = this.#entries.get(source);
    if (stored === undefined) throw fault('NOT_FOUND', source);
    const there = this.#entries.get(destination);
    if (there !== undefined && wordOf(there) !== wordOf(stored)) {
      throw fault('ALREADY_EXISTS', destination);
    }
    if (there !== undefined) return stored;
    this.#checkParent(destination);
    if (stored.type === 'directory') this.#set(destination, stored);
    else this.write(destination, stored.content);
    return stored;
  }

  /** Removes an original if its copy is there: whether it did. */
  removeCopied(source: string, destination: string): boolean {
    const stored = this.#entries.get(source);
    if (wordOf(stored) !== wordOf(this.#entries.get(destination))) return false;
    this.remove(source);
    return true;
  }

  /** Throws what keeps an entry from being moved there, whatever there is. */
  checkMove(source: string, destination: string): void {
    if (source === '' || destination.startsWith(`${source}/`)) throw fault('UNSUPPORTED', source);
    if (!this.#entries.has(source)) throw fault('NOT_FOUND', source);
    this.#checkParent(destination);
  }

  #checkParent(path: string): void {
    for (let above = parentOf(path); ; above = parentOf(above)) {
      const stored = this.#entries.get(above);
      if (stored?.type === 'directory' && above === parentOf(path)) return;
      if (stored?.type === 'file') throw fault('NOT_A_DIRECTORY', above);
      if (stored !== undefined) throw fault('NOT_FOUND', parentOf(path));
    }
  }

  /** The path and all below it, the upper ones last. */
  #within(path: string): readonly string[] {
    return [...this.#entries.keys()]
      .filter((each) => each === path || each.startsWith(`${path}/`))
      .sort()
      .reverse();
  }

  #set(path: string, stored: Stored | undefined): void {
    if (stored === undefined) this.#entries.delete(path);
    else this.#entries.set(path, stored);
    const history = this.#history.get(path) ?? [];
    this.#history.set(path, history);
    history.push({ atMs: this.#now(), word: wordOf(stored) });
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function fault(code: ConstructorParameters<typeof StorageError>[0], path: string): StorageError {
  return new StorageError(code, `sim: ${path}: ${code}`);
}
