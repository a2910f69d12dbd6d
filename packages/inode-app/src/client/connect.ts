import { TcpRpcNetwork } from '@raft-ts/net';
import { type ReadFrom, ReplicatedClient } from '@raft-ts/statemachine';
import { ByteClient } from './byte-client.js';

export interface ConnectOptions {
  /** `host:port` of any members, as clients reach them; one that answers is enough. */
  readonly addresses: readonly string[];
  /** Milliseconds that a call may take, failovers included. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * Who answers reads. 'leader' by default; 'any': one member, drawn at random, as long as it can, so
   * that clients spread over all members. What reads see is the same: all that was acknowledged.
   */
  readonly readFrom?: ReadFrom;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** A client of the cluster at these addresses; it connects when it is first used. */
export function connect(options: ConnectOptions): ByteClient {
  return new ByteClient(connectFramework(options));
}

/** The framework's client, which knows nothing of the tree. */
export function connectFramework(options: ConnectOptions): ReplicatedClient {
  return new ReplicatedClient({
    addresses: options.addresses,
    network: new TcpRpcNetwork(),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    readFrom: options.readFrom ?? 'leader',
  });
}
