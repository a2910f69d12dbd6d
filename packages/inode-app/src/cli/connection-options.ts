import type { ReadFrom } from '@raft-ts/statemachine';
import type { Command } from 'commander';
import type { ByteClient } from '../client/byte-client.js';
import { connect } from '../client/connect.js';
import { ADDRESSES_VARIABLE, clientAddresses, defaultAddresses } from './addresses.js';
import { argumentTimeout } from './arguments.js';

/** What every command that talks to a cluster takes. */
export interface ConnectionOptions {
  readonly addresses?: string;
  readonly timeout: string;
  readonly json?: boolean;
  /** Of commands that only read. */
  readonly readFrom?: ReadFrom;
}

/** Adds `--addresses`, `--timeout` and `--json` to a command. */
export function addConnectionOptions(command: Command, timeoutSeconds: number): Command {
  return command
    .option(
      '--addresses <list>',
      `members as clients reach them, host:port with commas in between (default: ` +
        `${ADDRESSES_VARIABLE}, else ${defaultAddresses().join(',')})`,
    )
    .option(
      '--timeout <seconds>',
      'how long to wait for the cluster, failovers included',
      `${timeoutSeconds}`,
    )
    .option('--json', 'for programs: one JSON object a line, errors too');
}

/** A client for the cluster that the options name; throws ARGUMENT_INVALID. */
export function connectWith(options: ConnectionOptions): ByteClient {
  return connect({
    addresses: clientAddresses(options.addresses, process.env),
    timeoutMs: argumentTimeout(options.timeout),
    ...(options.readFrom === undefined ? {} : { readFrom: options.readFrom }),
  });
}
