import { ReplicatedClient, StateMachineError, type WireValue } from '@raft-ts/statemachine';
import { addressOf } from '../addresses.js';
import { drawTreeCommand } from '../member/tree-machine.js';
import type { NodeId } from '../wire/link.js';
import { VirtualRpcNetwork } from '../wire/rpc.js';
import { Client, type ClientParts } from './client.js';

/** Works through the framework's own client: it finds the leader, tries again, has a session. */
export class FrameworkClient extends Client {
  readonly #client: ReplicatedClient;

  constructor(node: NodeId, parts: ClientParts) {
    super(node, parts);
    const { options, rpc } = parts;
    this.#client = new ReplicatedClient({
      addresses: options.machines.map(addressOf),
      network: new VirtualRpcNetwork(node, this.process, rpc, options.machines),
      clock: this.process.clock,
      random: this.random.fork('backoff').next,
      timeoutMs: options.requestTimeoutMs,
      readFrom: options.readFrom,
      ...options.client,
    });
  }

  protected async request(): Promise<void> {
    const operation = this.begin();
    try {
      this.answered(
        operation,
        operation.kind === 'append'
          ? await this.#client.command(this.#command(operation.value))
          : await this.#client.query(null),
      );
    } catch (error) {
      if (!(error instanceof StateMachineError)) throw error;
      if (error.code === 'SESSION_EXPIRED') {
        this.parts.watch.hooks.sessionLost(this.node);
      }
      this.failed(operation, error.outcome === 'definite');
    }
  }

  #command(value: string): WireValue {
    const { application } = this.parts.options;
    return application === 'namespace' ? drawTreeCommand(this.random, value) : value;
  }

  protected close(): Promise<void> {
    return this.#client.close();
  }
}
