import { describe, expect, it } from 'vitest';
import { NO_ATTRIBUTES, newInode } from '../namespace/tree/attributes.js';
import { byteString } from '../namespace/tree/byte-string.js';
import { edgeKey } from '../namespace/tree/edge.js';
import { InodeType } from '../namespace/tree/inode.js';
import { InodeCache } from './inode-cache.js';

const edge = (name: string) => edgeKey(1, byteString(name));

function link(id: number, target: string) {
  const defaults = {
    type: InodeType.SymbolicLink,
    mode: 0o777,
    size: 0,
    target: byteString(target),
  };
  return newInode(id, defaults, NO_ATTRIBUTES, 0);
}

describe('the inode cache', () => {
  it('keeps within its entries, and what is used stays', () => {
    const cache = new InodeCache({ maxCacheEntries: 100, maxCacheBytes: 1e9 });
    const used = edge('used');
    cache.set(used, false);
    for (let n = 0; n < 10_000; n += 1) {
      cache.set(edge(`${n}`), link(n, 'x'));
      cache.age();
      expect(cache.get(used)).toBe(false);
      expect(cache.entries).toBeLessThanOrEqual(100);
    }
    expect(cache.peek(edge('0'))).toBeUndefined();
    expect(cache.peek(edge('9999'))).toMatchObject({ id: 9999 });
  });

  it('keeps within its bytes', () => {
    const cache = new InodeCache({ maxCacheEntries: 1e6, maxCacheBytes: 100_000 });
    for (let n = 0; n < 1000; n += 1) {
      cache.set(edge(`${n % 300}`), n % 3 === 0 ? false : link(n, 'x'.repeat(4096)));
      cache.age();
      expect(cache.bytes).toBeLessThanOrEqual(105_000);
      expect(cache.bytes).toBeGreaterThanOrEqual(0);
    }
  });

  it('forgets nothing between two calls of age', () => {
    const cache = new InodeCache({ maxCacheEntries: 1, maxCacheBytes: 1 });
    for (let n = 0; n < 100; n += 1) cache.set(edge(`${n}`), link(n, ''));
    expect(cache.entries).toBe(100);
    cache.age();
    expect(cache.entries).toBe(0);
    expect(cache.bytes).toBe(0);
  });
});
