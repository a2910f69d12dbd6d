import { throwUncaught } from '../async/observe.js';
import { MemoryChannel } from '../channel/memory-channel.js';
import type { RpcConnection, RpcHandler, RpcPeer } from './rpc.js';
import { RpcClientConnection } from './rpc-client-connection.js';
import { defaultRpcLimits } from './rpc-limits.js';
import { RpcServerConnection } from './rpc-server-connection.js';

/**
 * A connection to a handler within this process, with the default limits. Values are encoded and decoded as over a network, so
 * that neither side holds what the other one changes. What the handler throws is uncaught, and
 * answered with INTERNAL.
 */
export function localConnection(
  address: string,
  handler: RpcHandler,
  peer: RpcPeer,
): RpcConnection {
  const limits = defaultRpcLimits;
  const [near, far] = MemoryChannel.pair(limits.maxFrameBytes);
  const connection = new RpcClientConnection(address, near, limits);
  near.bind(connection.events);
  const server = new RpcServerConnection(far, {
    handler,
    peer,
    limits,
    inflight: { bytes: 0 },
    handlerFailed: throwUncaught,
    closed: () => {},
  });
  far.bind(server.events);
  return connection;
}
