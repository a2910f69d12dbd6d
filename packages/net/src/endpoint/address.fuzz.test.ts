import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import type { HostPort } from '../address-form.js';
import { NetError } from '../errors.js';
import { formatAddress, parseAddress } from './address.js';

it('addresses', async () => {
  const report = await fuzzBytes({
    name: 'addresses',
    corpus: ['127.0.0.1:7000', '[::1]:65535', 'host.example:0', '[fe80::1%eth0]:1', 'höst:80'].map(
      (address) => Buffer.from(address),
    ),
    decode: (bytes) => parseAddress(bytes.toString('utf8')),
    isRefusal: (error) => error instanceof NetError && error.code === 'ADDRESS_UNUSABLE',
    check: (decoded) => {
      const { host, port } = decoded as HostPort;
      expect(port).toBeLessThanOrEqual(65_535);
      expect(host).not.toMatch(/\s/);
      expect(parseAddress(formatAddress(host, port)).port).toBe(port);
    },
  });
  console.log(report.line);
});
