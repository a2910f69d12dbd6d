import { opendirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import {
  type ByteString,
  byteString,
  byteStringOf,
  joinBytes,
  NO_BYTES,
} from '../../namespace/tree/byte-string.js';
import { ROOT_PATH } from '../../namespace/tree/path.js';
import {
  type Principals,
  type RealEntry,
  readRealEntry,
  realPath,
  type SkippedEntry,
  unreadable,
} from './real-entry.js';

/** Names that one read of a directory fetches. */
const NAMES_PER_READ = 1024;

/** What a walk comes to. */
export interface RealStep {
  /** The path below the top, with a slash before each name; empty for the top itself. */
  readonly path: ByteString;
  readonly entry: RealEntry;
  /** Of a directory: why its names could not be read, all of them or the rest. */
  readonly unread?: SkippedEntry | undefined;
}

interface Frame {
  readonly path: ByteString;
  readonly names: readonly ByteString[];
  next: number;
}

/**
 * Walks a tree of this machine in the order in which `TreeWalk` walks the tree of the cluster: a
 * directory before its entries, entries in byte order. A directory is read at once and closed again,
 * so one handle at most is open however deep the tree is; in memory are the names in the directories
 * that lead to the current one.
 */
export class RealTreeWalk {
  readonly #top: ByteString;
  readonly #principals: Principals;
  readonly #frames: Frame[] = [];

  constructor(top: ByteString, principals: Principals) {
    this.#top = byteString(top.replace(/\/+$/, ''));
    this.#principals = principals;
  }

  /** Enters the top; what kept its names from being read, all of them or the rest. */
  begin(): Promise<SkippedEntry | undefined> {
    return this.#enter(NO_BYTES);
  }

  /** The next entry; undefined behind the last. */
  async next(): Promise<RealStep | undefined> {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const name = frame.names[frame.next];
      if (name === undefined) {
        this.#frames.pop();
        continue;
      }
      frame.next += 1;
      const path = joinBytes(frame.path, ROOT_PATH, name);
      const entry = readRealEntry(this.realPath(path), this.#principals);
      if (entry.type !== 'directory') return { path, entry };
      const unread = await this.#enter(path);
      if (unread?.kind !== 'vanished') return { path, entry, unread };
      // It went, or became something else, between the look at it and this one.
      this.#frames.pop();
      return { path, entry: unread };
    }
    return undefined;
  }

  /** Passes over the rest of the directory that holds what came last, and of that, if it is one. */
  leave(step: RealStep): void {
    while (this.#frames.length > 0) {
      const left = this.#frames.pop();
      if (left !== undefined && left.path !== step.path) return;
    }
  }

  /** The path of this machine for one below the top. */
  realPath(path: ByteString): ByteString {
    const whole = joinBytes(this.#top, path);
    return whole === NO_BYTES ? ROOT_PATH : whole;
  }

  /** Whether a directory is at a path below the top now. */
  hasDirectory(path: ByteString): boolean {
    return readRealEntry(this.realPath(path), this.#principals).type === 'directory';
  }

  async #enter(path: ByteString): Promise<SkippedEntry | undefined> {
    const names: ByteString[] = [];
    let unread: SkippedEntry | undefined;
    try {
      for (const name of namesIn(this.realPath(path))) {
        names.push(name);
        if (names.length % NAMES_PER_READ === 0) await setImmediate();
      }
    } catch (error) {
      unread = unreadable(error);
    }
    names.sort();
    this.#frames.push({ path, names, next: 0 });
    return unread;
  }
}

/** Synchronous for the same reason as `readRealEntry`. */
function* namesIn(path: ByteString): Generator<ByteString, void> {
  // The types lack what the documentation has: with 'buffer' the names are buffers.
  const options = { encoding: 'buffer', bufferSize: NAMES_PER_READ } as unknown;
  const opened = opendirSync(realPath(path), options as { encoding: 'utf8'; bufferSize: number });
  try {
    for (let found = opened.readSync(); found !== null; found = opened.readSync()) {
      yield byteStringOf(found.name as unknown as Buffer);
    }
  } finally {
    opened.closeSync();
  }
}
