import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a file into `directory` as a whole: under another name first, synced, then renamed. */
export async function writeDurably(
  directory: string,
  name: string,
  content: Uint8Array,
): Promise<void> {
  const path = join(directory, name);
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(directory);
}

/** Makes names in `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
