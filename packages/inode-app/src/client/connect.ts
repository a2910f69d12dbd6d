import { TcpRpcNetwork } from '@raft-ts/net';
import { type ReadFrom, ReplicatedClient } from '@raft-ts/statemachine';
import { argumentInvalid } from '../errors.js';
import { kindOf } from '../namespace/tree/text-to-bytes.js';
import { ByteClient } from './byte-client.js';
import { checkOptions } from './check-arguments.js';
import { connectionError } from './connection-error.js';

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

/** A client of the cluster at these addresses; it connects when it is first used. Throws ARGUMENT_INVALID. */
export function connect(options: ConnectOptions): ByteClient {
  return new ByteClient(connectFramework(options));
}

/** The framework's client, which knows nothing of the tree. Throws ARGUMENT_INVALID. */
export function connectFramework(options: ConnectOptions): ReplicatedClient {
  checkConnectOptions(options);
  try {
    return new ReplicatedClient({
      addresses: options.addresses,
      network: new TcpRpcNetwork(),
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      readFrom: options.readFrom ?? 'leader',
    });
  } catch (error) {
    throw connectionError(error);
  }
}

/** What the framework can't check: it takes the types for granted. */
function checkConnectOptions(options: ConnectOptions): void {
  checkOptions(options);
  const { addresses, timeoutMs, readFrom }: Readonly<Record<keyof ConnectOptions, unknown>> = {
    addresses: options.addresses,
    timeoutMs: options.timeoutMs,
    readFrom: options.readFrom,
  };
  if (!Array.isArray(addresses) || !addresses.every((each) => typeof each === 'string')) {
    throw argumentInvalid('addresses must be an array of texts, each host:port');
  }
  if (timeoutMs !== undefined && typeof timeoutMs !== 'number') {
    throw argumentInvalid(`timeoutMs must be a number, not ${kindOf(timeoutMs)}`);
  }
  if (readFrom !== undefined && readFrom !== 'leader' && readFrom !== 'any') {
    throw argumentInvalid("readFrom must be 'leader' or 'any'");
  }
}
