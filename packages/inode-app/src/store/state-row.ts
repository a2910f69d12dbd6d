import { dataCorrupt, dataForeign } from '../errors.js';
import { MAX_INODE_ID } from '../namespace/limits.js';
import { ROOT_ID } from '../namespace/tree/inode.js';
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

/** Writes the value of the state row. */
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

/** Reads it; throws InodeAppError DATA_FOREIGN or DATA_CORRUPT. */
export function readTreeState(reader: RowReader, bytes: Buffer): TreeState {
  const format = reader.start(bytes).byte();
  if (format !== FORMAT) throw dataForeign('state', format);
  const state: TreeState = {
    appliedIndex: reader.number(),
    nextId: reader.number() + 1,
    counts: [reader.number(), reader.number(), reader.number()],
    trashHead: reader.number(),
    trashTail: reader.number(),
  };
  reader.end();
  const fault = stateFault(state);
  if (fault !== undefined) throw dataCorrupt(fault);
  return state;
}

/**
 * What can't be of a tree's state, in words; undefined for a sound one. Checked before it is
 * written and after it was read.
 */
export function stateFault(state: TreeState): string | undefined {
  const { appliedIndex, nextId, counts, trashHead, trashTail } = state;
  const [directories, files, symbolicLinks] = counts;
  if (!(appliedIndex >= 0)) return `the applied index ${appliedIndex}`;
  if (!(nextId > ROOT_ID && nextId - 1 <= MAX_INODE_ID)) return `the next inode id ${nextId}`;
  const inodes = directories + files + symbolicLinks;
  if (!(directories >= 1 && files >= 0 && symbolicLinks >= 0 && inodes < nextId)) {
    return `the counts ${counts}, with ${nextId} as the next inode id`;
  }
  // A directory comes into the trash once.
  const sound = trashHead >= 0 && trashHead <= trashTail && trashTail < nextId;
  return sound ? undefined : `a trash from ${trashHead} to ${trashTail}`;
}
