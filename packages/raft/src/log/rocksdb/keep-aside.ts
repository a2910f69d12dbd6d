import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from './durable-file.js';

/**
 * Keeps what is damaged for whoever wants to know what damaged it: renames `name` in `directory` to
 * `name.damaged-N`, durably, and returns that. `removeOldestAside` bounds how many there are.
 */
export async function keepAside(directory: string, name: string): Promise<string> {
  const last = (await numbersAside(directory, name)).at(-1) ?? 0;
  const aside = nameAside(name, last + 1);
  await rename(join(directory, name), join(directory, aside));
  await syncDirectory(directory);
  return aside;
}

/** Removes all but the newest `keep` that were kept aside. */
export async function removeOldestAside(
  directory: string,
  name: string,
  keep: number,
): Promise<void> {
  const numbers = await numbersAside(directory, name);
  for (const number of numbers.slice(0, -keep)) {
    await rm(join(directory, nameAside(name, number)), { recursive: true });
  }
}

function nameAside(name: string, number: number): string {
  return `${name}.damaged-${number}`;
}

/** Ascending. */
async function numbersAside(directory: string, name: string): Promise<number[]> {
  const prefix = `${name}.damaged-`;
  const numbers = (await readdir(directory))
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => entry.slice(prefix.length))
    .filter((text) => /^\d+$/.test(text))
    .map(Number);
  return numbers.filter(Number.isSafeInteger).sort((a, b) => a - b);
}
