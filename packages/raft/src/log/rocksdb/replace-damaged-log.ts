import { randomInt } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import type { HardState } from '../../core/log/entry.js';
import { RaftError } from '../../errors.js';
import { EMPTY_MARK } from '../durable/mark.js';
import { newMarkFile } from '../durable/mark-file.js';
import { LOG_NAME, logPath, MARK_FILE_NAME, makeDirectory, markPath } from './data-directory.js';
import { writeDurably } from './durable-file.js';
import { keepAside } from './keep-aside.js';
import { readMark } from './open-mark-file.js';

/*
 * Damage is for good: the log is set aside as a whole and an empty one takes its place. No damaged
 * part is ever cut off. A torn tail, which nobody acknowledged, is none: RocksDB cuts it off when it
 * is opened, see open-log.ts.
 */

/** Damaged logs that are kept beside the one in use; the oldest go. */
export const MAX_DAMAGED_LOGS = 3;

const MAX_RECOVERY = 2 ** 48 - 1;

/** What takes the place of a damaged log. */
export interface ReplacementLog {
  /** What the new, empty log has to begin with. */
  readonly hardState: HardState;
  /** Name of the damaged log within the data directory. */
  readonly damagedName: string;
}

/** Tells the log that lies here now from another that takes its place. Makes the folder. */
export async function identifyLog(directory: string): Promise<bigint> {
  const path = logPath(directory);
  await makeDirectory(path);
  return (await stat(path, { bigint: true })).ino;
}

/**
 * Moves the damaged log `identified` aside and has the mark say that the next one begins anew, with
 * a recovery of its own. Until the new log has that, opening it finds damage again: so a crash in
 * between leads back to here, and never to a log that seems to be whole.
 *
 * LOG_LOCKED when another process has put a new log in its place meanwhile.
 */
export async function setLogAside(directory: string, identified: bigint): Promise<ReplacementLog> {
  const known = await readMark(markPath(directory));
  const { term, votedFor } = typeof known === 'string' ? EMPTY_MARK : known;
  const recovery = randomInt(1, MAX_RECOVERY + 1);
  if ((await identifyLog(directory)) !== identified) {
    throw new RaftError('LOG_LOCKED', `another process is replacing the log in ${directory}`);
  }
  const damagedName = await keepAside(directory, LOG_NAME);
  // A folder in the place of the mark would stay in the way of a file.
  await rm(markPath(directory), { recursive: true, force: true });
  const mark = { ...EMPTY_MARK, term, votedFor, recovery };
  await writeDurably(directory, MARK_FILE_NAME, newMarkFile(mark));
  return { hardState: { term, votedFor, commit: 0, recovery }, damagedName };
}
