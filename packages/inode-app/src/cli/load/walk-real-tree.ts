import type { Dir } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { type ByteString, byteStringOf } from '../../namespace/tree/byte-string.js';
import { childPath } from '../../namespace/tree/path.js';
import {
  type Principals,
  type RealEntry,
  readRealEntry,
  realPath,
  unreadable,
} from './real-entry.js';

/** Names that one read of a directory fetches; between reads other work gets its turn. */
const NAMES_PER_READ = 128;

/** Who is told what a walk finds. `Directory` is the visitor's own note of a directory. */
export interface TreeVisitor<Directory> {
  /** A directory; returns the note that its entries come with, undefined: stay out of it. */
  enter(parent: Directory, name: ByteString, entry: RealEntry): Directory | undefined;
  /** Anything else. */
  entry(parent: Directory, name: ByteString, entry: RealEntry, realPath: ByteString): void;
  /** All entries of a directory were told, or all that could be read. */
  leave(directory: Directory): void;
  /** Something could not be read, all of it or the rest. */
  unreadable(realPath: ByteString, reason: string, harmless: boolean): void;
  /** Whether the entries of this directory are no longer of interest. */
  abandoned(directory: Directory): boolean;
  /** Asked after each entry: a promise makes the walk wait. */
  room(): Promise<void> | undefined;
}

interface Frame<Directory> {
  readonly path: ByteString;
  readonly handle: Dir;
  readonly directory: Directory;
}

/**
 * Walks a tree of this machine, a directory before its entries. In memory is what leads to the
 * current directory, however many there are and however large each is; one handle a level is open.
 */
export async function walkRealTree<Directory>(
  top: ByteString,
  note: Directory,
  visitor: TreeVisitor<Directory>,
  principals: Principals,
  signal?: AbortSignal,
): Promise<void> {
  const frames: Frame<Directory>[] = [];
  await descend(frames, top, note, visitor);
  try {
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      signal?.throwIfAborted();
      const name = await nextName(frame, visitor);
      if (name === undefined) {
        frames.pop();
        await frame.handle.close();
        visitor.leave(frame.directory);
        continue;
      }
      const path = childPath(frame.path, name);
      const entry = readRealEntry(path, principals);
      if (entry.type === 'directory') {
        const directory = visitor.enter(frame.directory, name, entry);
        if (directory !== undefined) await descend(frames, path, directory, visitor);
      } else visitor.entry(frame.directory, name, entry, path);
      const room = visitor.room();
      if (room !== undefined) await room;
    }
  } finally {
    await Promise.all(frames.map((frame) => frame.handle.close()));
  }
}

async function descend<Directory>(
  frames: Frame<Directory>[],
  path: ByteString,
  directory: Directory,
  visitor: TreeVisitor<Directory>,
): Promise<void> {
  try {
    const handle = await openDirectory(path);
    frames.push({ path, handle, directory });
  } catch (error) {
    const { reason, harmless } = unreadable(error);
    visitor.unreadable(path, reason, harmless);
    visitor.leave(directory);
  }
}

function openDirectory(path: ByteString): Promise<Dir> {
  // The types lack what the documentation has: with 'buffer' the names are buffers.
  const options = { encoding: 'buffer', bufferSize: NAMES_PER_READ } as unknown;
  return opendir(realPath(path), options as { encoding: 'utf8'; bufferSize: number });
}

/** The next name, or undefined behind the last, or where reading failed. */
async function nextName<Directory>(
  { path, handle, directory }: Frame<Directory>,
  visitor: TreeVisitor<Directory>,
): Promise<ByteString | undefined> {
  if (visitor.abandoned(directory)) return undefined;
  try {
    const found = await handle.read();
    return found === null ? undefined : byteStringOf(found.name as unknown as Buffer);
  } catch (error) {
    const { reason, harmless } = unreadable(error);
    visitor.unreadable(path, reason, harmless);
    return undefined;
  }
}
