import {
  type Clock,
  localConnection,
  NetError,
  type RpcConnection,
  type RpcHandler,
  type RpcNetwork,
  type WireValue,
  waitingClock,
} from '@raft-ts/net';
import { ReplicatedClient } from '../../client/client.js';
import type { QueryOptions, RequestOptions } from '../../client/client-options.js';
import { StateMachineError } from '../../errors.js';
import type { ServedMember } from '../served-member.js';

/** How this member calls itself where it needs an address, whatever the one that others know. */
const THIS_MEMBER = 'this-member:1';
/** Who asks. */
const PEER = { host: 'this process' };

export interface InProcessClientOptions {
  /** Answers what this process asks for as it does for any client. */
  readonly handler: RpcHandler;
  readonly member: Pick<ServedMember, 'view' | 'leads' | 'replica' | 'address' | 'notLeader'>;
  /** Where the leader is reached, when that is another member. */
  readonly network: Pick<RpcNetwork, 'connect'> | undefined;
  readonly clock?: Clock | undefined;
  /** From 0 to below 1; for jitter. */
  readonly random?: (() => number) | undefined;
}

/**
 * What the process that a member runs in asks of its state machine: with the promises of any client, and
 * without a connection to itself. Commands go to whoever leads; queries are answered here, but for those that only the leader
 * can answer now.
 */
export class InProcessClient {
  readonly #options: InProcessClientOptions;
  readonly #commands: ReplicatedClient;
  readonly #queries: ReplicatedClient;

  constructor(options: InProcessClientOptions) {
    this.#options = options;
    const { clock = waitingClock, random = Math.random } = options;
    const shared = { addresses: [THIS_MEMBER], clock, random };
    const connect = (address: string, signal?: AbortSignal) => this.#connect(address, signal);
    this.#commands = new ReplicatedClient({ ...shared, network: { connect } });
    this.#queries = new ReplicatedClient({
      ...shared,
      network: { connect },
      readFrom: 'any',
      readAddresses: [THIS_MEMBER],
    });
  }

  async command(value: WireValue, options?: RequestOptions): Promise<WireValue> {
    this.#checkReachable();
    return await asThisMembers(this.#commands.command(value, options));
  }

  async query(value: WireValue, options?: Omit<QueryOptions, 'readFrom'>): Promise<WireValue> {
    return await asThisMembers(this.#queries.query(value, options));
  }

  async close(): Promise<void> {
    await Promise.all([this.#commands.close(), this.#queries.close()]);
  }

  /** Throws NOT_LEADER where the leader is another one that can't be asked from here. */
  #checkReachable(): void {
    const { network, member } = this.#options;
    if (network !== undefined || member.leads || (member.view?.leader ?? 0) === 0) return;
    throw new StateMachineError('NOT_LEADER', member.notLeader().message);
  }

  async #connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    const { network } = this.#options;
    if (this.#isHere(address)) return this.#connectHere(address);
    if (network !== undefined) return await network.connect(address, signal);
    throw new NetError('RPC_NOT_SENT', `${address} is another member, and no network was given`);
  }

  #isHere(address: string): boolean {
    const { member } = this.#options;
    const id = member.replica?.status().id;
    return address === THIS_MEMBER || (id !== undefined && member.address(id) === address);
  }

  #connectHere(address: string): RpcConnection {
    return localConnection(address, this.#options.handler, PEER);
  }
}

/** That its client is closed says that this member has stopped. */
async function asThisMembers(asked: Promise<WireValue>): Promise<WireValue> {
  try {
    return await asked;
  } catch (cause) {
    if (!(cause instanceof StateMachineError) || cause.code !== 'CLIENT_CLOSED') throw cause;
    const { outcome } = cause;
    throw new StateMachineError('STOPPED', 'this member has stopped', { cause, outcome });
  }
}
