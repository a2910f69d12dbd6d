import { type RpcHandler, TcpRpcNetwork, type TcpRpcOptions } from '@raft-ts/net';

/** Where clients come in; who answers them may change while they are connected. */
export class ClientDoor {
  /** Who answers from now on. */
  handler: RpcHandler;
  #close: () => Promise<void> = async () => {};

  private constructor(handler: RpcHandler) {
    this.handler = handler;
  }

  /** Rejects with ADDRESS_UNUSABLE. */
  static async open(
    address: string,
    handler: RpcHandler,
    onEvent: NonNullable<TcpRpcOptions['onEvent']>,
  ): Promise<ClientDoor> {
    const door = new ClientDoor(handler);
    const network = new TcpRpcNetwork({ onEvent });
    const server = await network.listen(address, (...request) => door.handler(...request));
    door.#close = () => server.close();
    return door;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
