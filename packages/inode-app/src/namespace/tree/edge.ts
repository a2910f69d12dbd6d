import type { ByteString } from './byte-string.js';

/**
 * Where an inode hangs: the parent's id as eight bytes, big endian, and the name in it. Byte order
 * of keys is order by directory, then by name; the same bytes are the key of the inode's row.
 */
export type EdgeKey = ByteString;

/** Bytes of an edge key before the name. */
export const EDGE_PREFIX_BYTES = 8;

/** The root hangs in no directory: parent 0, no name. */
export const ROOT_EDGE: EdgeKey = '\0'.repeat(EDGE_PREFIX_BYTES);

// Prefixes of the directories in use, each at its id's place until another id takes it.
const MEMO_SLOTS = 4096;
const memoIds = new Float64Array(MEMO_SLOTS);
const memoPrefixes: string[] = new Array<string>(MEMO_SLOTS).fill(ROOT_EDGE);

/** The edge of an entry: `name` is a valid name. */
export function edgeKey(parentId: number, name: ByteString): EdgeKey {
  return edgePrefix(parentId) + name;
}

/** What the keys of all entries of a directory begin with; `edgePrefix(id + 1)` is behind them. */
export function edgePrefix(parentId: number): ByteString {
  const slot = parentId % MEMO_SLOTS;
  const known = memoPrefixes[slot];
  if (known !== undefined && memoIds[slot] === parentId) return known;
  const prefix = idBytes(parentId);
  memoIds[slot] = parentId;
  memoPrefixes[slot] = prefix;
  return prefix;
}

function idBytes(id: number): ByteString {
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
  );
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
  return edge.slice(EDGE_PREFIX_BYTES);
}
