import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { OutlineFile } from '../durable/outline-file.js';
import { outlinePath } from './data-directory.js';

/** The outline in a data directory. What the file system refuses costs time at the next opening, and nothing else. */
export function openOutlineFile(directory: string): OutlineFile {
  const path = outlinePath(directory);
  return new OutlineFile({
    read: () => orNothing(() => readFileSync(path)),
    write: (bytes) => orNothing(() => writeFileSync(path, bytes)),
    remove: () => orNothing(() => rmSync(path, { recursive: true, force: true })),
  });
}

function orNothing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
