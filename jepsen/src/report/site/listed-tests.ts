import { readdir } from 'node:fs/promises';
import {
  HISTORY_FILE,
  MATRIX_FILE,
  MATRIX_PAGE_FILE,
  REPORT_FILE,
  RESULTS_FILE,
  ROLES_FILE,
} from '../../store/stored-results.js';
import { type StoredTest, storedTests, storedVerdict } from '../../store/stored-tests.js';
import type { ListedEntry, ListedTest } from './pages.js';

/** More tests are counted, not shown. */
const MAX_TESTS = 500;
/** More entries of a directory are counted, not shown. */
const MAX_ENTRIES = 2000;
const LINKED_FILES: readonly string[] = [
  MATRIX_PAGE_FILE,
  MATRIX_FILE,
  REPORT_FILE,
  RESULTS_FILE,
  HISTORY_FILE,
  ROLES_FILE,
];

/** A part of a list, and how many more there are. */
export interface Part<Item> {
  readonly shown: readonly Item[];
  readonly left: number;
}

/** The tests of a store, the newest first. Rejects with STORE_FAILED. */
export async function listTests(store: string): Promise<Part<ListedTest>> {
  const tests = (await storedTests(store)).toReversed();
  const shown: ListedTest[] = [];
  // One after the other: results of large tests are large.
  for (const test of tests.slice(0, MAX_TESTS)) shown.push(await listed(test));
  return { shown, left: tests.length - shown.length };
}

async function listed({ path, test, time }: StoredTest): Promise<ListedTest> {
  const names = await readdir(path).catch((): string[] => []);
  return {
    test,
    time,
    verdict: await storedVerdict(path),
    files: LINKED_FILES.filter((file) => names.includes(file)),
  };
}

/** What is in a directory: directories first, each in the order of their names. */
export async function listDirectory(path: string): Promise<Part<ListedEntry>> {
  const found = await readdir(path, { withFileTypes: true });
  const entries = found
    .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
    .sort((a, b) => Number(b.isDirectory) - Number(a.isDirectory) || (a.name < b.name ? -1 : 1));
  const shown = entries.slice(0, MAX_ENTRIES);
  return { shown, left: entries.length - shown.length };
}
