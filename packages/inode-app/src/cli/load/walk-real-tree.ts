import type { Dir } from 'node:fs';
import { opendir } from 'node:fs/promises';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import { type ByteString, byteStringOf } from '../../namespace/tree/byte-string.js';
import { childPath } from '../../namespace/tree/path.js';
import {
  type Principals,
  type RealLeaf,
  readRealEntry,
  realPath,
  type SkippedEntry,
  unreadable,
} from './real-entry.js';

/** Names that one read of a directory fetches; between reads other work gets its turn. */
const NAMES_PER_READ = 128;

/** Who is told what a walk finds. `Directory` is the visitor's own note of a directory. */
export interface TreeVisitor<Directory> {
  /** A directory; returns the note that its entries come with. */
  enter(parent: Directory, name: ByteString, attributes: NewAttributes): Directory;
  /** Anything else that the tree can have. */
  entry(parent: Directory, name: ByteString, entry: RealLeaf): void;
  /** All entries of a directory were told, or all that could be read. */
  leave(directory: Directory): void;
  /** Something is left out or could not be read, all of it or the rest. */
  skipped(realPath: ByteString, entry: SkippedEntry): void;
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
        const directory = visitor.enter(frame.directory, name, entry.attributes);
        await descend(frames, path, directory, visitor);
      } else if (entry.type === 'skipped') visitor.skipped(path, entry);
      else visitor.entry(frame.directory, name, entry);
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
    visitor.skipped(path, unreadable(error));
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
    visitor.skipped(path, unreadable(error));
    return undefined;
  }
}
