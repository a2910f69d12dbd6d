import { connect, type Socket } from 'node:net';
import { parseAddress } from './address.js';

/** Milliseconds without traffic after which the kernel starts to ask whether the peer is there. */
const TCP_KEEPALIVE_MS = 15_000;

/** For both ends: small frames leave at once, and dead peers are noticed in the end. */
export const socketOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEPALIVE_MS,
} as const;

/** Begins to connect to `host:port`. Throws ADDRESS_UNUSABLE. */
export function connectTcp(address: string): Socket {
  return connect({ ...parseAddress(address), ...socketOptions });
}
