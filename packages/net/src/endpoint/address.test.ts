import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.js';

describe('an address', () => {
  it.each([
    ['127.0.0.1:7000', '127.0.0.1', 7000],
    ['host.example:0', 'host.example', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
    ['[fe80::1%br-0.7]:1', 'fe80::1%br-0.7', 1],
  ])('%s is read and written', (address, host, port) => {
    expect(parseAddress(address)).toEqual({ host, port });
    expect(formatAddress(host, port)).toBe(address);
  });

  it.each(['', 'a', ':1', 'a:', 'a:65536', 'a:-1', 'a:1x', '::1:80', 'a b:1', '[::1]', 'a:1\n'])(
    '"%s" is none',
    (address) => {
      expect(() => parseAddress(address)).toThrow(
        expect.objectContaining({ code: 'ADDRESS_UNUSABLE' }),
      );
    },
  );
});
