import { MAX_NAME_BYTES, MAX_PATH_BYTES } from '../limits.js';
import { type ByteString, byteString, joinBytes, sliceBytes, splitBytes } from './byte-string.js';

/** The path of the root. */
export const ROOT_PATH = byteString('/');

const SLASH = 0x2f;
const DOT = 0x2e;

/** What `pathFault` can find. */
export type PathFault = 'PATH_INVALID' | 'NAME_TOO_LONG' | 'PATH_TOO_LONG';

/**
 * What is wrong with a path, or undefined. A path is absolute and normal: `/`, or a slash before
 * each name and none behind the last; no empty name, no `.` or `..`, no NUL.
 */
export function pathFault(path: ByteString): PathFault | undefined {
  if (path.length > MAX_PATH_BYTES) return 'PATH_TOO_LONG';
  if (path.charCodeAt(0) !== SLASH) return 'PATH_INVALID';
  if (path.length === 1) return undefined;
  let start = 1;
  for (let position = 1; position < path.length; position += 1) {
    const code = path.charCodeAt(position);
    if (code === 0) return 'PATH_INVALID';
    if (code !== SLASH) continue;
    const fault = boundsFault(path, start, position);
    if (fault !== undefined) return fault;
    start = position + 1;
  }
  return boundsFault(path, start, path.length);
}

function boundsFault(path: ByteString, start: number, end: number): PathFault | undefined {
  const length = end - start;
  if (length > MAX_NAME_BYTES) return 'NAME_TOO_LONG';
  if (length > 2) return undefined;
  if (length === 0) return 'PATH_INVALID';
  if (path.charCodeAt(start) !== DOT) return undefined;
  return length === 1 || path.charCodeAt(start + 1) === DOT ? 'PATH_INVALID' : undefined;
}

/** The names along a valid path; none for `/`. */
export function pathNames(path: ByteString): readonly ByteString[] {
  return path === ROOT_PATH ? [] : splitBytes(sliceBytes(path, 1), ROOT_PATH);
}

/** The path of an entry of a directory. */
export function childPath(directory: ByteString, name: ByteString): ByteString {
  return directory === ROOT_PATH
    ? joinBytes(ROOT_PATH, name)
    : joinBytes(directory, ROOT_PATH, name);
}

/** The last name along a path; empty for `/`. */
export function lastName(path: ByteString): ByteString {
  return sliceBytes(path, path.lastIndexOf('/') + 1);
}

/** Whether a valid path lies somewhere below another, and is not the other itself. */
export function isBelow(path: ByteString, ancestor: ByteString): boolean {
  return (
    path.length > ancestor.length &&
    path.startsWith(ancestor) &&
    (ancestor === ROOT_PATH || path.charCodeAt(ancestor.length) === SLASH)
  );
}

/** The path of the directory that a path other than `/` is in. */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? ROOT_PATH : sliceBytes(path, 0, slash);
}
