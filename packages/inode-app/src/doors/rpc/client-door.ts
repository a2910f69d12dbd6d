import { type RpcHandler, TcpRpcNetwork, type TcpRpcOptions } from '@raft-ts/net';

/** Where clients come in; who answers them may change while they are connected. */
export interface ClientDoor {
  /** Who answers from now on. */
  handler: RpcHandler;
  close(): Promise<void>;
}

/** Lets clients in at an address. Rejects with ADDRESS_UNUSABLE. */
export async function openClientDoor(
  address: string,
  handler: RpcHandler,
  onEvent: NonNullable<TcpRpcOptions['onEvent']>,
): Promise<ClientDoor> {
  const door = { handler };
  const network = new TcpRpcNetwork({ onEvent });
  const server = await network.listen(address, (...request) => door.handler(...request));
  return Object.assign(door, { close: () => server.close() });
}
