import { bytesOfText } from './byte-text.js';
import { MAX_NAME_BYTES } from './storage.js';

/** Why no storage holds a path, in words; undefined where one may. */
export function pathFormFault(path: string): string | undefined {
  if (path === '') return undefined;
  for (const name of path.split('/')) {
    const fault = nameFault(name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Why no entry can have this name, in words; undefined where one may. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'a name is empty';
  if (name === '.' || name === '..') return `${name} is no name`;
  if (name.includes('/')) return 'a name holds /';
  if (name.includes('\0')) return 'a name holds NUL';
  const bytes = bytesOfText(name);
  if (bytes === undefined) return 'a name is neither Unicode nor bytes';
  if (bytes.length > MAX_NAME_BYTES) return `a name has more than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/** The path of the directory that holds this entry. Not for the place itself. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last name of a path; empty for the place itself. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** Whether a path is the other one or below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}
