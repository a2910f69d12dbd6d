import { type RpcHandler, TcpRpcNetwork, type TcpRpcOptions } from '@raft-ts/net';

/** Where clients come in; who answers them may change while they are connected. */
export interface ClientDoor {
  /** Who answers from now on. */
  handler: RpcHandler;
  /** So many clients may be connected from now on; those above it that came last are closed. */
  limitConnections(maxConnections: number): void;
  /** Clients with these names have room from now on, whatever others take. */
  reserveFor(names: readonly string[]): void;
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
    reserveFor: (names: readonly string[]) => server.reserveFor(names),
    close: () => server.close(),
  });
}
