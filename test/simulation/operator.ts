import { ReplicatedClient } from '@raft-ts/statemachine';
import { addressOf } from './addresses.js';
import { MachineClock } from './machine-clock.js';
import type { SimulationOptions } from './options.js';
import { VirtualProcess } from './process.js';
import type { Random } from './random.js';
import type { VirtualTime } from './time.js';
import type { NodeId } from './wire/link.js';
import type { VirtualNetwork } from './wire/network.js';
import { type RpcExchange, VirtualRpcNetwork } from './wire/rpc.js';

export interface OperatorParts {
  readonly node: NodeId;
  readonly options: SimulationOptions;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: VirtualNetwork;
  readonly rpc: RpcExchange;
}

/** Whoever changes who takes part, from a machine of their own. */
export class Operator {
  readonly client: ReplicatedClient;

  constructor({ node, options, time, random, network, rpc }: OperatorParts) {
    const process = new VirtualProcess('operator', time, new MachineClock(time));
    network.attach(node, process);
    this.client = new ReplicatedClient({
      addresses: options.machines.map(addressOf),
      network: new VirtualRpcNetwork(node, process, rpc, options.machines),
      clock: process.clock,
      random: random.fork('operator').next,
      timeoutMs: options.requestTimeoutMs,
      ...options.client,
    });
  }
}
