import { nameFault } from '../storage-path.js';

/** Characters of a path that HDFS makes, and names in it. */
const MAX_PATH_CHARACTERS = 8000;
const MAX_PATH_NAMES = 1000;

/** Why HDFS can't hold a path, in words; undefined where it can. Absolute: begins with `/`, and the root is `/`. */
export function hdfsPathFault(path: string): string | undefined {
  if (path === '/') return undefined;
  if (path.length > MAX_PATH_CHARACTERS) return `more than ${MAX_PATH_CHARACTERS} characters`;
  const names = path.slice(1).split('/');
  if (names.length > MAX_PATH_NAMES) return `more than ${MAX_PATH_NAMES} names`;
  if (names[0] === '.reserved') return 'HDFS keeps /.reserved for itself';
  return names.map(hdfsNameFault).find((fault) => fault !== undefined);
}

/** Why HDFS can't hold a name, in words; undefined where it can. */
export function hdfsNameFault(name: string): string | undefined {
  if (name === '.snapshot') return '.snapshot is where HDFS shows snapshots';
  if (name.includes(':')) return 'HDFS refuses a name with a colon';
  if (!name.isWellFormed()) return 'HDFS holds no bytes that are no UTF-8';
  return nameFault(name);
}

/** A path as it stands in a URL. */
export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
