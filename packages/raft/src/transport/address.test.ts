import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.js';
import { FIRST_RETRY_MS, MAX_RETRY_MS, retryDelayMs } from './backoff.js';

describe('an address', () => {
  it.each([
    ['127.0.0.1:7000', '127.0.0.1', 7000],
    ['host.example:0', 'host.example', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
  ])('%s is read and written', (address, host, port) => {
    expect(parseAddress(address)).toEqual({ host, port });
    expect(formatAddress(host, port)).toBe(address);
  });

  it.each(['', 'a', ':1', 'a:', 'a:65536', 'a:-1', 'a:1x', '::1:80', 'a b:1', '[::1]', 'a:1\n'])(
    '"%s" is none',
    (address) => {
      expect(() => parseAddress(address)).toThrow(
        expect.objectContaining({ code: 'TRANSPORT_ADDRESS' }),
      );
    },
  );
});

describe('the delay before a retry', () => {
  it('doubles from the first to the longest, and stays there', () => {
    const delays = Array.from({ length: 2_000 }, (_, i) => retryDelayMs(i + 1, () => 0));
    expect(delays.slice(0, 3)).toEqual([FIRST_RETRY_MS, 2 * FIRST_RETRY_MS, 4 * FIRST_RETRY_MS]);
    expect(delays.at(-1)).toBe(MAX_RETRY_MS);
    for (const [i, delay] of delays.slice(1).entries()) {
      expect(delay).toBeGreaterThanOrEqual(delays[i] ?? 0);
    }
  });

  it('is taken down by half at most', () => {
    expect(retryDelayMs(1, () => 0.999)).toBeGreaterThan(FIRST_RETRY_MS / 2);
    expect(retryDelayMs(1, () => 0.5)).toBe(0.75 * FIRST_RETRY_MS);
  });
});
