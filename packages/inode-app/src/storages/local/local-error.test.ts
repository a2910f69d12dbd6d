import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { StorageError } from '../storage-error.js';
import { localError } from './local-error.js';

function systemError(name: keyof typeof constants.errno): Error {
  // As Node makes it of a number that it knows no name of.
  const errno = -constants.errno[name];
  return Object.assign(new Error('secret path'), { errno, syscall: 'lstat' });
}

it.each([
  ['ENOENT', 'NOT_FOUND'],
  ['ENOTDIR', 'NOT_A_DIRECTORY'],
  ['EACCES', 'FORBIDDEN'],
  ['EROFS', 'FORBIDDEN'],
  ['ENOSPC', 'FULL'],
  ['EDQUOT', 'FULL'],
  ['EMFILE', 'BUSY'],
  ['EIO', 'FAILED'],
  ['ESTALE', 'UNREACHABLE'],
  ['ETIMEDOUT', 'UNREACHABLE'],
  ['EXDEV', 'UNSUPPORTED'],
] as const)('%s means %s', (name, code) => {
  const error = localError(systemError(name), 'a\nb');
  expect(error).toBeInstanceOf(StorageError);
  expect(error).toMatchObject({ code, message: `"a\\nb": lstat says ${name}` });
});

it('a name that only Node has counts, too', () => {
  const error = Object.assign(new Error(), { code: 'EHOSTDOWN', errno: -112, syscall: 'lstat' });
  expect(localError(error, 'a')).toMatchObject({ code: 'UNREACHABLE' });
});

it('what the system did not say is left as it is', () => {
  const error = new Error('of ours');
  expect(localError(error, 'a')).toBe(error);
});
