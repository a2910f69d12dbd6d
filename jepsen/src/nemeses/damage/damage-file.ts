import { open, readdir, rm, truncate } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { JsonObject } from '../../histories/json.js';
import type { Random } from '../../random.js';

export type Damage = 'corrupted' | 'truncated' | 'removed';

/** Bytes that are changed at most. */
const MAX_CORRUPTED_BYTES = 512;

/**
 * Damages one of the files in a directory: which one, where and how much follow from the seed and from what is there.
 * @returns for the history; undefined where there is no file that is not empty
 */
export async function damageFile(
  directory: string,
  damage: Damage,
  random: Random,
): Promise<JsonObject | undefined> {
  const sizes = await fileSizes(directory);
  const names = [...sizes.keys()].sort();
  // Drawn in any case: what is drawn later must not depend on the files.
  const [which, where, measure] = [random.fraction(), random.fraction(), random.fraction()];
  const name = names[Math.floor(which * names.length)];
  if (name === undefined) return undefined;
  const size = sizes.get(name) ?? 0;
  const file = join(directory, name);
  if (damage === 'removed') {
    await rm(file);
    return { damage, file: name };
  }
  if (damage === 'truncated') {
    const toBytes = Math.floor(where * size);
    await truncate(file, toBytes);
    return { damage, file: name, fromBytes: size, toBytes };
  }
  const at = Math.floor(where * size);
  const length = Math.min(size - at, 1 + Math.floor(MAX_CORRUPTED_BYTES * measure ** 3));
  await invert(file, at, length);
  return { damage, file: name, at, length };
}

async function fileSizes(directory: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = await open(path, 'r');
    const { size } = await file.stat();
    await file.close();
    if (size > 0) sizes.set(relative(directory, path), size);
  }
  return sizes;
}

/** Each byte becomes another one. */
async function invert(path: string, at: number, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, at);
    await file.write(
      bytes.map((byte) => byte ^ 0xff),
      0,
      length,
      at,
    );
    await file.sync();
  } finally {
    await file.close();
  }
}
