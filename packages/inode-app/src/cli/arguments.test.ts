import { describe, expect, it } from 'vitest';
import { InodeAppError } from '../errors.js';
import { clientAddresses, parseAddress } from './addresses.js';
import {
  argumentInteger,
  argumentMode,
  argumentOwner,
  argumentPath,
  argumentPort,
  argumentText,
  argumentTimeout,
} from './arguments.js';
import { exitCodeOf } from './exit-code.js';

function codeOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(InodeAppError);
    expect((error as Error).message).not.toContain('\n');
    expect(exitCodeOf(error)).toBe(2);
    return (error as InodeAppError).code;
  }
  return undefined;
}

it('argumentText names the option that is empty', () => {
  expect(argumentText('c', '--cluster-id')).toBe('c');
  expect(() => argumentText('', '--cluster-id')).toThrow('--cluster-id must not be empty');
  expect(codeOf(() => argumentText('', '--data'))).toBe('ARGUMENT_INVALID');
});

describe('argumentPath', () => {
  it('takes paths as typed, in UTF-8', () => {
    expect(argumentPath('/', false)).toBe('/');
    expect(argumentPath('//a//b/', false)).toBe('/a/b');
    expect(argumentPath('/é', false)).toBe('/\xc3\xa9');
    expect(argumentPath('/a\\n', false)).toBe('/a\\n');
  });

  it('takes the notation of the output with --escaped', () => {
    expect(argumentPath('/a\\n\\xff', true)).toBe('/a\n\xff');
    expect(codeOf(() => argumentPath('/a\\q', true))).toBe('ARGUMENT_INVALID');
  });

  it('refuses bytes that are no UTF-8, for they could be those of another name', () => {
    for (const escaped of [false, true]) {
      expect(codeOf(() => argumentPath('/a\ufffd', escaped))).toBe('ARGUMENT_INVALID');
    }
    expect(argumentPath('/a\\xef\\xbf\\xbd', true)).toBe('/a\xef\xbf\xbd');
  });

  it.each([
    ['', 'PATH_INVALID'],
    ['relative', 'PATH_INVALID'],
    ['/a/../b', 'PATH_INVALID'],
    ['/a/.', 'PATH_INVALID'],
    [`/${'x'.repeat(256)}`, 'NAME_TOO_LONG'],
    ['/abc'.repeat(1025), 'PATH_TOO_LONG'],
    ['/a\0b', 'ARGUMENT_INVALID'],
    ['/a\nb/..', 'PATH_INVALID'],
  ])('refuses %j with %s', (text, code) => {
    expect(codeOf(() => argumentPath(text, false))).toBe(code);
  });
});

describe('other arguments', () => {
  it('modes are octal', () => {
    expect(argumentMode('755')).toBe(0o755);
    expect(argumentMode('7777')).toBe(0o7777);
    for (const bad of ['', '8', '0x1', '10000', 'u+x', '-1']) {
      expect(codeOf(() => argumentMode(bad))).toBe('ARGUMENT_INVALID');
    }
  });

  it('owners and groups', () => {
    expect(argumentOwner('a', false)).toEqual({ owner: 'a' });
    expect(argumentOwner('a:b', false)).toEqual({ owner: 'a', group: 'b' });
    expect(argumentOwner(':b', false)).toEqual({ group: 'b' });
    expect(argumentOwner('a:', false)).toEqual({ owner: 'a' });
    for (const bad of ['', ':', 'x'.repeat(256)]) {
      expect(codeOf(() => argumentOwner(bad, false))).toBe('ARGUMENT_INVALID');
    }
  });

  it('times, numbers and ports', () => {
    expect(argumentTimeout('1.5')).toBe(1500);
    expect(argumentInteger('7', 'id', 1, 9)).toBe(7);
    expect(argumentPort('65533', 3)).toBe(65_533);
    for (const bad of ['0', '-1', 'x', '1e3', '3601', '']) {
      expect(codeOf(() => argumentTimeout(bad))).toBe('ARGUMENT_INVALID');
    }
    expect(codeOf(() => argumentPort('65534', 3))).toBe('ARGUMENT_INVALID');
    expect(codeOf(() => argumentInteger('9007199254740993', 'id', 1, 2 ** 60))).toBe(
      'ARGUMENT_INVALID',
    );
  });
});

describe('addresses', () => {
  it('come from the option, the variable, or the defaults', () => {
    expect(clientAddresses('a:1, b:2,a:1', { INODE_APP_ADDRESSES: 'c:3' })).toEqual(['a:1', 'b:2']);
    expect(clientAddresses(undefined, { INODE_APP_ADDRESSES: '[::1]:3' })).toEqual(['[::1]:3']);
    expect(clientAddresses(undefined, {})).toEqual([
      '127.0.0.1:6101',
      '127.0.0.1:6102',
      '127.0.0.1:6103',
    ]);
  });

  it.each(['', 'host', 'host:', ':1', 'host:0', 'host:65536', 'a b:1', '::1:80', 'http://a:1'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => parseAddress(text))).toBe('ARGUMENT_INVALID');
      if (text !== '') expect(codeOf(() => clientAddresses(text, {}))).toBe('ARGUMENT_INVALID');
    },
  );

  it('names the variable in its errors', () => {
    expect(() => clientAddresses(undefined, { INODE_APP_ADDRESSES: 'nonsense' })).toThrow(
      /INODE_APP_ADDRESSES/,
    );
  });
});
