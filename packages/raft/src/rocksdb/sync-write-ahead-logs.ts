import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './caught-error.js';

const WRITE_AHEAD_LOG = /^\d+\.log$/;

/**
 * Fsyncs the write-ahead logs of an open database, and the directory that names them. RocksDB hands each
 * write to the file before it returns, and recovers what these files hold; what is in none of them
 * is in tables, which it fsyncs before it removes the file.
 */
export async function syncWriteAheadLogs(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((each) => WRITE_AHEAD_LOG.test(each))) {
    await syncFile(join(directory, name)).catch((error: unknown) => {
      // Its rows went to tables meanwhile.
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }
  await syncFile(directory);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
