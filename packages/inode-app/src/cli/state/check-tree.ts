import { join } from 'node:path';
import { TreeCheck, type TreeReport } from '../../store/check/tree-check.js';
import { openRocksRows } from '../../store/rocksdb-rows.js';
import { count } from '../load/load-summary.js';
import type { LongWork } from './interruptible.js';
import type { TakeRow } from './tree-rows.js';

/** What the check holds of what it has written, and of what it reads again, bytes. */
const MEMORY = { memtableBudgetBytes: 64 * 1024 * 1024, blockCacheBytes: 32 * 1024 * 1024 };

/**
 * Checks a tree, all of whose rows `read` hands out. `expectedIndex`: up to which entry they have to go, where that is said
 * elsewhere.
 */
export async function checkTree(
  scratch: string,
  read: (take: TakeRow) => Promise<void>,
  expectedIndex: number | undefined,
  { signal, show }: LongWork,
): Promise<TreeReport> {
  await using rows = await openRocksRows({ directory: join(scratch, 'facts'), ...MEMORY });
  const check = new TreeCheck(rows);
  show(() => `${count(check.rows)} rows read`);
  await read((key, value) => check.add(key, value));
  show(() => `${count(check.rows)} rows read; inodes are compared`);
  return await check.end({ signal, ...(expectedIndex === undefined ? {} : { expectedIndex }) });
}
