import { type RpcHandler, TcpRpcNetwork, type TcpRpcOptions } from '@raft-ts/net';

/** Where clients come in; who answers them may change while they are connected. */
export interface ClientDoor {
  /** Who answers from now on. */
  handler: RpcHandler;
  /** So many clients may be connected from now on; those above it that came last are closed. */
  limitConnections(maxConnections: number): void;
  close(): Promise<void>;
}

/** Lets clients in at an address. Rejects with ADDRESS_UNUSABLE. */
export async function openClientDoor(
  address: string,
  handler: RpcHandler,
  options: TcpRpcOptions,
): Promise<ClientDoor> {
  const door = { handler };
  const network = new TcpRpcNetwork(options);
  const server = await network.listen(address, (...request) => door.handler(...request));
  return Object.assign(door, {
    limitConnections: (max: number) => server.limitConnections(max),
    close: () => server.close(),
  });
}
