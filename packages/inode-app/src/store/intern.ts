import type { ByteString } from '../namespace/tree/byte-string.js';

/** Names kept at most; the first ones seen stay. */
const MAX_NAMES = 1024;

const names = new Map<ByteString, ByteString>();

/** One string for all inodes of an owner or group, where millions have the same few. */
export function intern(name: ByteString): ByteString {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size < MAX_NAMES) names.set(name, name);
  return name;
}
