import { randomInt } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HardState } from '../../core/entry.js';
import { logPath, MARK_FILE_NAME, markPath } from './data-directory.js';
import { syncDirectory, writeDurably } from './durable-file.js';
import { hasCode } from './file-error.js';
import { EMPTY_MARK, type Mark } from './mark.js';
import { MarkFile, newMarkFile } from './mark-file.js';

/** Damaged logs that are kept beside the one in use; the oldest go. */
export const MAX_DAMAGED_LOGS = 3;

const DAMAGED_NAME = /^log\.damaged-(\d+)$/;
const MAX_RECOVERY = 2 ** 48 - 1;

/** What takes the place of a damaged log. */
export interface RebuiltLog {
  /** What the new, empty log has to begin with. */
  readonly hardState: HardState;
  /** Name of the damaged log within the data directory; undefined if there was none. */
  readonly damagedName: string | undefined;
}

/**
 * Moves a damaged log aside and has the mark say that the next one begins anew, with a recovery
 * of its own. Until the new log has that, opening it finds damage again: so a crash in between
 * leads back to here, and never to a log that seems to be whole.
 *
 * To be called while the damaged log is locked, if it can be opened at all: then no other process
 * can have put a new one in its place.
 */
export async function setLogAside(directory: string): Promise<RebuiltLog> {
  const { term, votedFor } = (await readMark(directory)) ?? EMPTY_MARK;
  const recovery = randomInt(1, MAX_RECOVERY + 1);
  const damagedName = await moveLog(directory);
  const mark = { ...EMPTY_MARK, term, votedFor, recovery };
  await writeDurably(directory, MARK_FILE_NAME, newMarkFile(mark));
  return { hardState: { term, votedFor, commit: 0, recovery }, damagedName };
}

/** Undefined when the mark is missing or damaged. */
async function readMark(directory: string): Promise<Mark | undefined> {
  try {
    const file = MarkFile.open(markPath(directory));
    await file?.close();
    return file?.mark;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function moveLog(directory: string): Promise<string | undefined> {
  const last = (await damagedNumbers(directory)).at(-1) ?? 0;
  const name = `log.damaged-${last + 1}`;
  try {
    await rename(logPath(directory), join(directory, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  await syncDirectory(directory);
  return name;
}

/** Removes the oldest damaged logs beyond the limit. */
export async function removeOldDamagedLogs(directory: string): Promise<void> {
  const numbers = await damagedNumbers(directory);
  for (const number of numbers.slice(0, -MAX_DAMAGED_LOGS)) {
    await rm(join(directory, `log.damaged-${number}`), { recursive: true });
  }
}

/** Ascending. */
async function damagedNumbers(directory: string): Promise<number[]> {
  const matches = (await readdir(directory)).map((name) => Number(DAMAGED_NAME.exec(name)?.[1]));
  return matches.filter((number) => Number.isSafeInteger(number)).sort((a, b) => a - b);
}
