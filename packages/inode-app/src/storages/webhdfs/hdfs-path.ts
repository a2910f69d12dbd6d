/** Characters of a path that HDFS makes, and names in it. */
const MAX_PATH_CHARACTERS = 8000;
const MAX_PATH_NAMES = 1000;

/** Why HDFS can't hold a path, in words; undefined where it can. Absolute: begins with `/`, and the root is `/`. */
export function hdfsPathFault(path: string): string | undefined {
  if (!path.isWellFormed()) return 'holds bytes that are no UTF-8';
  if (path.length > MAX_PATH_CHARACTERS) return `is longer than ${MAX_PATH_CHARACTERS} characters`;
  if (path === '/') return undefined;
  const names = path.slice(1).split('/');
  if (names.length > MAX_PATH_NAMES) return `is deeper than ${MAX_PATH_NAMES} names`;
  if (names[0] === '.reserved') return 'begins with .reserved, which HDFS keeps for itself';
  for (const name of names) {
    const fault = hdfsNameFault(name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Bytes of a name. */
const MAX_NAME_BYTES = 255;

/** Why HDFS can't hold a name, in words; undefined where it can. */
export function hdfsNameFault(name: string): string | undefined {
  if (name === '') return 'holds an empty name';
  if (name === '.' || name === '..') return 'holds . or .. as a name';
  if (name === '.snapshot') return 'holds the name .snapshot, below which HDFS shows snapshots';
  if (name.includes(':')) return 'holds a colon, which HDFS refuses';
  if (name.includes('\0')) return 'holds the character NUL';
  if (name.includes('/')) return 'holds a slash in a name';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    return `holds a name of more than ${MAX_NAME_BYTES} bytes`;
  }
  return undefined;
}

/** A path as it stands in a URL. */
export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The directory of a path; of the root itself. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
