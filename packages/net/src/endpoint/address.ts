import { NetError } from '../errors.js';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port` or `[v6]:port`. Throws ADDRESS_UNUSABLE. */
export function parseAddress(address: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 0xffff)) {
    throw new NetError(
      'ADDRESS_UNUSABLE',
      `"${address}" is no address: it must be host:port with a port up to 65535, such as 127.0.0.1:7000`,
    );
  }
  return { host, port };
}

export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
