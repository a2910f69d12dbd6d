import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A script as it lies on the disk. */
export interface ScriptFile {
  readonly path: string;
  readonly text: string;
}

/**
 * All `.txt` files in a folder and the folders below it, by name; or the one file that `path` is.
 * Throws when `path` does not exist.
 */
export function findScripts(path: string): readonly ScriptFile[] {
  return pathsIn(path).map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));
}

function pathsIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.txt'))
    .map(({ name }) => join(path, name))
    .sort()
    .flatMap(pathsIn);
}
