import { InodeAppError } from '../errors.js';
import { ROOT_ID } from '../namespace/tree/inode.js';
import type { TrashedDirectory } from '../namespace/tree/inode-store.js';
import type { RowReader } from './row-reader.js';
import type { RowWriter } from './row-writer.js';

/** What the store knows beside its rows. */
export interface TreeState {
  /** The last log index whose effects are in the rows. */
  appliedIndex: number;
  /** The id that the next inode gets; 2^53 when all are given. */
  nextId: number;
  /** Inodes that have a row: what was cut off counts until it is given back. By type. */
  readonly counts: [directories: number, files: number, symbolicLinks: number];
  /** Trash rows have sequence numbers from `trashHead` to before `trashTail`. */
  trashHead: number;
  trashTail: number;
}

const FORMAT = 1;

/** A new tree: nothing but the root. */
export function newTreeState(): TreeState {
  return {
    appliedIndex: 0,
    nextId: ROOT_ID + 1,
    counts: [1, 0, 0],
    trashHead: 0,
    trashTail: 0,
  };
}

export function writeTreeState(writer: RowWriter, state: TreeState): Buffer {
  const [directories, files, links] = state.counts;
  return writer
    .start()
    .byte(FORMAT)
    .number(state.appliedIndex)
    .number(state.nextId - 1)
    .number(directories)
    .number(files)
    .number(links)
    .number(state.trashHead)
    .number(state.trashTail)
    .bytes();
}

export function readTreeState(reader: RowReader, bytes: Buffer): TreeState {
  const format = reader.start(bytes).byte();
  if (format !== FORMAT) {
    throw new InodeAppError(
      'DATA_FOREIGN',
      `The inode store has format ${format}; this version reads format ${FORMAT}. Run the version that wrote it, or a newer one.`,
    );
  }
  const state: TreeState = {
    appliedIndex: reader.number(),
    nextId: reader.number() + 1,
    counts: [reader.number(), reader.number(), reader.number()],
    trashHead: reader.number(),
    trashTail: reader.number(),
  };
  reader.end();
  return state;
}

export function writeTrashed(writer: RowWriter, trashed: TrashedDirectory): Buffer {
  return writer.start().number(trashed.id).string(trashed.after).bytes();
}

export function readTrashed(reader: RowReader, bytes: Buffer): TrashedDirectory {
  const trashed = { id: reader.start(bytes).number(), after: reader.string() };
  reader.end();
  return trashed;
}
