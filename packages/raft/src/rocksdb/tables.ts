import { readdir } from 'node:fs/promises';
import { isOutOfFiles } from './out-of-files.js';

/**
 * The tables of a database, open or not; 0 where none can be opened. RocksDB keeps each of them open as
 * long as the database is, and the binding can't have it otherwise (docs/decisions/0001): what they
 * are is what a process needs of the files that it may open.
 */
export async function countTables(directory: string): Promise<number> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isOutOfFiles(error)) throw error;
    return [];
  });
  return names.filter((name) => name.endsWith('.sst')).length;
}
