import { TcpRpcNetwork } from '@raft-ts/net';
import {
  address,
  completeOptions,
  listOf,
  MAX_TIMER_MS,
  number,
  type OptionsForm,
  oneOf,
} from '@raft-ts/net/options';
import { type ReadFrom, ReplicatedClient } from '@raft-ts/statemachine';
import { argumentInvalid } from '../errors.js';
import { ByteClient } from './byte-client.js';
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

const defaults: Required<Pick<ConnectOptions, 'timeoutMs' | 'readFrom'>> = {
  timeoutMs: 10_000,
  readFrom: 'leader',
};

const connectOptionsForm: OptionsForm<ConnectOptions, typeof defaults> = {
  fields: {
    addresses: listOf(address, 1),
    timeoutMs: number(1, MAX_TIMER_MS),
    readFrom: oneOf('leader', 'any'),
  },
  defaults,
};

/** A client of the cluster at these addresses; it connects when it is first used. Throws ARGUMENT_INVALID. */
export function connect(options: ConnectOptions): ByteClient {
  return new ByteClient(connectFramework(options));
}

/** The framework's client, which knows nothing of the tree. Throws ARGUMENT_INVALID. */
export function connectFramework(given: ConnectOptions): ReplicatedClient {
  const options = completeOptions(connectOptionsForm, given, argumentInvalid);
  try {
    return new ReplicatedClient({
      addresses: options.addresses,
      network: new TcpRpcNetwork(),
      timeoutMs: options.timeoutMs,
      readFrom: options.readFrom,
    });
  } catch (error) {
    throw connectionError(error);
  }
}
