import { MAX_NAME_BYTES } from '../limits.js';
import type { ByteString } from './byte-string.js';

/**
 * Where an inode hangs: the parent's id as eight bytes, big endian, and the name in it. Byte order
 * of keys is order by directory, then by name; the same bytes are the key of the inode's row.
 */
export type EdgeKey = string & { readonly [edgeBrand]: true };

/** Exists for the compiler alone: an edge key is neither a name nor a path. */
declare const edgeBrand: unique symbol;

/** Bytes of an edge key before the name. */
export const EDGE_PREFIX_BYTES = 8;

/** The root hangs in no directory: parent 0, no name. */
export const ROOT_EDGE = '\0'.repeat(EDGE_PREFIX_BYTES) as EdgeKey;

// Prefixes of the directories in use, each at its id's place until another id takes it.
const MEMO_SLOTS = 4096;
const memoIds = new Float64Array(MEMO_SLOTS);
const memoPrefixes: EdgeKey[] = new Array<EdgeKey>(MEMO_SLOTS).fill(ROOT_EDGE);

/** The edge of an entry: `name` is a valid name. */
export function edgeKey(parentId: number, name: ByteString): EdgeKey {
  return (edgePrefix(parentId) + name) as EdgeKey;
}

/** What the keys of all entries of a directory begin with; `edgePrefix(id + 1)` is behind them. */
export function edgePrefix(parentId: number): EdgeKey {
  const slot = parentId % MEMO_SLOTS;
  const known = memoPrefixes[slot];
  if (known !== undefined && memoIds[slot] === parentId) return known;
  const prefix = idBytes(parentId);
  memoIds[slot] = parentId;
  memoPrefixes[slot] = prefix;
  return prefix;
}

function idBytes(id: number): EdgeKey {
  const high = Math.floor(id / 0x1_0000_0000);
  const low = id >>> 0;
  return String.fromCharCode(
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  ) as EdgeKey;
}

/** The parent's id in an edge key. */
export function edgeParent(edge: EdgeKey): number {
  let id = 0;
  for (let position = 0; position < EDGE_PREFIX_BYTES; position += 1) {
    id = id * 256 + edge.charCodeAt(position);
  }
  return id;
}

/** The name in an edge key; empty for the root. */
export function edgeName(edge: EdgeKey): ByteString {
  return edge.slice(EDGE_PREFIX_BYTES) as ByteString;
}

/** The edge of an entry as a row has it, from `start` on; undefined for what can't be one. */
export function edgeFromRow(row: Buffer, start: number): EdgeKey | undefined {
  const nameBytes = row.length - start - EDGE_PREFIX_BYTES;
  if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES) return undefined;
  return row.toString('latin1', start) as EdgeKey;
}
