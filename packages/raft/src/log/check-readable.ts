import { RaftError } from '../errors.js';

/** Throws LOG_UNAVAILABLE unless `first`..`last` is a range within the log. */
export function checkReadable(
  first: number,
  last: number,
  firstIndex: number,
  lastIndex: number,
): void {
  if (first >= firstIndex && last <= lastIndex && first <= last) return;
  throw new RaftError(
    'LOG_UNAVAILABLE',
    `entries ${first}..${last} can't be read: the log has ${firstIndex}..${lastIndex}`,
  );
}
