import { describe, expect, it } from 'vitest';
import { byteString } from './byte-string.js';
import { childPath, isBelow, pathFault, pathNames } from './path.js';

const name255 = 'n'.repeat(255);
const deepest = '/a'.repeat(2048);

describe('paths', () => {
  it.each([
    '/',
    '/a',
    '/a/b',
    '/...',
    '/.a',
    '/a.',
    '/..a',
    '/ ',
    '/\n',
    '/\xff',
    `/${name255}`,
    deepest,
  ])('%j is valid', (path) => {
    expect(pathFault(byteString(path))).toBeUndefined();
  });

  it.each([
    ['', 'PATH_INVALID'],
    ['a', 'PATH_INVALID'],
    ['a/b', 'PATH_INVALID'],
    ['./a', 'PATH_INVALID'],
    ['//', 'PATH_INVALID'],
    ['/a//b', 'PATH_INVALID'],
    ['/a/', 'PATH_INVALID'],
    ['/.', 'PATH_INVALID'],
    ['/..', 'PATH_INVALID'],
    ['/a/./b', 'PATH_INVALID'],
    ['/a/../b', 'PATH_INVALID'],
    ['/a/..', 'PATH_INVALID'],
    ['/a\0', 'PATH_INVALID'],
    [`/${name255}n`, 'NAME_TOO_LONG'],
    [`/${name255}n/a`, 'NAME_TOO_LONG'],
    [`${deepest}b`, 'PATH_TOO_LONG'],
    ['x'.repeat(5000), 'PATH_TOO_LONG'],
  ])('%j is not', (path, fault) => {
    expect(pathFault(byteString(path))).toBe(fault);
  });

  it('are put together and taken apart', () => {
    expect(pathNames(byteString('/'))).toEqual([]);
    expect(pathNames(byteString('/a/b'))).toEqual(['a', 'b']);
    expect(childPath(byteString('/'), byteString('a'))).toBe('/a');
    expect(childPath(byteString('/a'), byteString('b'))).toBe('/a/b');
  });

  it('below is by names, not by characters', () => {
    expect(isBelow(byteString('/a/b'), byteString('/a'))).toBe(true);
    expect(isBelow(byteString('/ab'), byteString('/a'))).toBe(false);
    expect(isBelow(byteString('/a'), byteString('/a'))).toBe(false);
    expect(isBelow(byteString('/a'), byteString('/'))).toBe(true);
    expect(isBelow(byteString('/'), byteString('/'))).toBe(false);
  });
});
