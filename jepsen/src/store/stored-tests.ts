import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../checkers/checker.js';
import { storeFailure } from './store-failure.js';
import { MATRIX_FILE, RESULTS_FILE } from './stored-results.js';

/** How much a store keeps. Tests that were valid go first, the oldest of them first; violations stay. */
export interface StoreLimits {
  readonly maxTests: number;
  readonly maxBytes: number;
}

export const defaultStoreLimits: StoreLimits = { maxTests: 500, maxBytes: 20 * 1024 ** 3 };

/** A test that a store keeps. */
export interface StoredTest {
  readonly path: string;
  /** Of the test: suite, workload and faults. */
  readonly test: string;
  /** When it began, as its directory says it. */
  readonly time: string;
}

const VERDICTS: readonly Verdict[] = ['valid', 'invalid', 'unknown'];
const TIME = /^\d{4}-\d{2}-\d{2}T[\d.]+Z$/;

/** All tests of a store, the oldest first; none where there is no store. Rejects with STORE_FAILED. */
export async function storedTests(store: string): Promise<readonly StoredTest[]> {
  try {
    const tests = await directories(store);
    const times = await Promise.all(
      tests.map(async (test) => {
        const found = await directories(join(store, test));
        const own = found.filter((time) => TIME.test(time));
        return own.map((time) => ({ path: join(store, test, time), test, time }));
      }),
    );
    return times.flat().sort((a, b) => (a.time < b.time ? -1 : 1));
  } catch (error) {
    throw storeFailure(`${store} can't be read`, error);
  }
}

/** Removes what is beyond the limits; what it removed. */
export async function forgetOldTests(
  store: string,
  limits: StoreLimits,
): Promise<readonly StoredTest[]> {
  const tests = await storedTests(store);
  const sizes = await Promise.all(tests.map(({ path }) => bytesBelow(path)));
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let count = tests.length;
  const removed: StoredTest[] = [];
  for (const [at, test] of tests.entries()) {
    if (count <= limits.maxTests && bytes <= limits.maxBytes) break;
    if ((await storedVerdict(test.path)) !== 'valid') continue;
    await rm(test.path, { recursive: true, force: true });
    removed.push(test);
    count--;
    bytes -= sizes[at] ?? 0;
  }
  return removed;
}

/** Of a test, or of a matrix of tests; undefined: it did not come to its end, or what it left can't be read. */
export async function storedVerdict(path: string): Promise<Verdict | undefined> {
  for (const file of [RESULTS_FILE, MATRIX_FILE]) {
    try {
      const results: unknown = JSON.parse(await readFile(join(path, file), 'utf8'));
      if (typeof results !== 'object' || results === null || !('verdict' in results)) continue;
      return VERDICTS.find((verdict) => verdict === results.verdict);
    } catch {
      // It is not there, or no JSON.
    }
  }
  return undefined;
}

async function directories(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function bytesBelow(path: string): Promise<number> {
  let bytes = 0;
  // Another program may forget it at the same time.
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const { size } = await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }));
    bytes += size;
  }
  return bytes;
}
