import { describe, expect, it } from 'vitest';
import { childPath, isBelow, nameFault, pathFault, pathNames } from './path.js';

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
    expect(pathFault(path)).toBeUndefined();
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
    expect(pathFault(path)).toBe(fault);
  });

  it('names', () => {
    expect(nameFault('a')).toBeUndefined();
    expect(nameFault('')).toBe('PATH_INVALID');
    expect(nameFault('..')).toBe('PATH_INVALID');
    expect(nameFault('a/b')).toBe('PATH_INVALID');
    expect(nameFault('a\0')).toBe('PATH_INVALID');
    expect(nameFault(`${name255}n`)).toBe('NAME_TOO_LONG');
  });

  it('are put together and taken apart', () => {
    expect(pathNames('/')).toEqual([]);
    expect(pathNames('/a/b')).toEqual(['a', 'b']);
    expect(childPath('/', 'a')).toBe('/a');
    expect(childPath('/a', 'b')).toBe('/a/b');
  });

  it('below is by names, not by characters', () => {
    expect(isBelow('/a/b', '/a')).toBe(true);
    expect(isBelow('/ab', '/a')).toBe(false);
    expect(isBelow('/a', '/a')).toBe(false);
    expect(isBelow('/a', '/')).toBe(true);
    expect(isBelow('/', '/')).toBe(false);
  });
});
