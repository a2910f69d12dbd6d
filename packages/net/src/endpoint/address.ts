import { type HostPort, readAddress } from '../address-form.js';
import { NetError } from '../errors.js';

/** Reads `host:port` or `[v6]:port`. Throws ADDRESS_UNUSABLE. */
export function parseAddress(address: string): HostPort {
  const read = readAddress(address);
  if (read !== undefined) return read;
  throw new NetError(
    'ADDRESS_UNUSABLE',
    `"${address}" is no address: it must be host:port with a port up to 65535, such as 127.0.0.1:7000`,
  );
}

export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
