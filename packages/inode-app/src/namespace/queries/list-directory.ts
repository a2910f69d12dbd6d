import { MAX_LIST_PAGE, MAX_NAME_BYTES } from '../limits.js';
import { BYTES, PATH, wholeNumber } from '../message-form.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure, isFailure } from '../tree/failure.js';
import { type Inode, InodeType } from '../tree/inode.js';
import { encodeStatus, parseStatus } from '../tree/status-codec.js';
import { WireError, wireArray, wireBoolean, wireBytes } from '../wire-fields.js';
import { FRESHNESS } from './freshness.js';
import { inodeAt } from './get-status.js';
import { defineQuery } from './query.js';

const FIELDS = {
  path: PATH,
  /** Only names behind this one, in byte order; empty for the first page. */
  after: { ...BYTES, parse: wireAfter },
  /** Entries a page. */
  limit: wholeNumber(1, MAX_LIST_PAGE),
  ...FRESHNESS,
};

/** An entry of a page. */
export interface PageEntry {
  readonly name: ByteString;
  readonly inode: Inode;
}

/** Some entries of a directory, from one moment. */
export interface Page {
  readonly entries: readonly PageEntry[];
  /** Whether there are names behind the last one. */
  readonly more: boolean;
}

/** Entries of a directory with their inodes, in byte order of their names. */
export const listDirectory = defineQuery('list', 2, FIELDS, {
  paths: ({ path }) => [path],
  async answer(store, { path, after, limit }, signal) {
    const directory = inodeAt(store, path);
    if (isFailure(directory)) return directory;
    if (directory.type !== InodeType.Directory) return failure('NOT_A_DIRECTORY', path);
    // The rows of what was removed one by one lie in the database for long, and take long to pass.
    if (directory.children === 0) return [[], false];
    const entries = await store.listEntries(directory.id, after, limit + 1, signal);
    return [
      entries.slice(0, limit).map(({ name, inode }) => [name, encodeStatus(inode)] as const),
      entries.length > limit,
    ];
  },
  parseAnswer({ limit }, answer) {
    const [entries, more] = wireArray(answer, 2, 2, 'an answer to list');
    return {
      entries: wireArray(entries, 0, limit, 'a page').map(parseEntry),
      more: wireBoolean(more, 'more'),
    };
  },
});

function wireAfter(value: unknown): ByteString {
  const after = wireBytes(value, 'after');
  if (after.length <= MAX_NAME_BYTES) return after;
  throw new WireError(`after must have at most ${MAX_NAME_BYTES} bytes`);
}

function parseEntry(value: unknown): PageEntry {
  const [name, status] = wireArray(value, 2, 2, 'an entry');
  return { name: wireBytes(name, 'name'), inode: parseStatus(status) };
}
