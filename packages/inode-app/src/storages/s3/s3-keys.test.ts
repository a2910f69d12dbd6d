import { describe, expect, it } from 'vitest';
import { compareKeys, copySource, decodeListedKey, keyFault } from './s3-keys.js';

describe('keys of S3', () => {
  it.each([
    ['a+b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['a%2fb/c', 'a/b/c'],
    ['100%25', '100%'],
    ['%E4%B8%AD', '中'],
    ['%FF%80a+b', '\udcff\udc80a b'],
    ['%', '%'],
    ['plain', 'plain'],
  ])('%s in a listing is %j', (encoded, key) => {
    expect(decodeListedKey(encoded)).toBe(key);
  });

  it('are encoded to copy from, slashes left', () => {
    expect(copySource('b', "a b/+%/ü(1)'*")).toBe('b/a%20b/%2B%25/%C3%BC%281%29%27%2A');
  });

  it('are in the order of their bytes', () => {
    const keys = ['a/', 'a', '\u{1f600}', '\uffee', 'a-b'];
    expect(keys.sort(compareKeys)).toEqual(['a', 'a-b', 'a/', '\uffee', '\u{1f600}']);
  });

  it('have 1,024 bytes at most, with the / of a directory', () => {
    const path = Array.from({ length: 5 }, () => 'n'.repeat(200)).join('/');
    expect(path.length).toBe(1004);
    expect(keyFault('', path)).toBeUndefined();
    expect(keyFault('p'.repeat(19), path)).toBeUndefined();
    expect(keyFault('p'.repeat(20), path)).toContain('1024 bytes');
  });
});
