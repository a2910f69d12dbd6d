import type { Dir } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { textOfBytes } from '../byte-text.js';
import type { FileCalls } from './file-calls.js';

/** Names that one call reads. */
const BUFFERED_NAMES = 256;

/**
 * The names in a directory, as text, so many at a time, as the file system gives them. Fails as the file system does.
 */
export async function* directoryNames(
  directory: Buffer,
  maxNames: number,
  calls: FileCalls,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void, void> {
  const open = await calls.run(signal, () =>
    // Names are bytes: a character for each.
    opendir(directory, { encoding: 'latin1', bufferSize: BUFFERED_NAMES }),
  );
  try {
    for (;;) {
      const names = await calls.run(signal, () => readNames(open, maxNames));
      if (names.length > 0) yield names;
      if (names.length < maxNames) return;
    }
  } finally {
    await open.close();
  }
}

async function readNames(open: Dir, maxNames: number): Promise<readonly string[]> {
  const names: string[] = [];
  while (names.length < maxNames) {
    const entry = await open.read();
    if (entry === null) break;
    names.push(textOfBytes(Buffer.from(entry.name, 'latin1')));
  }
  return names;
}
