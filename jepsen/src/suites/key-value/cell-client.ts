import { TcpRpcNetwork, type WireValue } from '@raft-ts/net';
import { type QueryOptions, ReplicatedClient, StateMachineError } from '@raft-ts/statemachine';
import type { CallInput } from '../../histories/history-event.js';
import type { Json } from '../../histories/json.js';
import {
  type Client,
  type ClientAnswer,
  type ClientCallOptions,
  DefiniteFailure,
} from '../../workloads/workload.js';
import type { ClientPlace } from '../suite.js';
import type { CellCommand, CellQuery } from './cells.js';

/** What a call of a workload is to the service. */
export type CellRequest =
  | { readonly command: CellCommand; readonly answer?: (result: Json) => Json }
  | {
      readonly query: CellQuery;
      readonly consistency?: QueryOptions['consistency'];
      readonly readFrom?: QueryOptions['readFrom'];
      readonly answer?: (result: Json) => Json;
    };

/** One client of the service: it keeps its leader and its session, or finds both anew for each call. */
export class CellClient implements Client {
  readonly session?: string;
  readonly #addresses: readonly string[];
  readonly #requestOf: (input: CallInput) => CellRequest;
  readonly #kept: ReplicatedClient | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    { members, process, keepsLeader }: ClientPlace,
    requestOf: (input: CallInput) => CellRequest,
  ) {
    this.#addresses = members.map(({ clientAddresses }) => clientAddresses.client ?? '');
    this.#requestOf = requestOf;
    if (!keepsLeader) return;
    this.#kept = this.#connect();
    this.session = `s${process}`;
  }

  async invoke(input: CallInput, options: ClientCallOptions): Promise<ClientAnswer> {
    await this.#closing;
    const client = this.#kept ?? this.#connect();
    try {
      return { output: await this.#ask(client, this.#requestOf(input), options) };
    } finally {
      // The answer does not wait for the session to be closed; the next call does.
      if (client !== this.#kept) this.#closing = client.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing;
    await this.#kept?.close();
  }

  #connect(): ReplicatedClient {
    return new ReplicatedClient({ addresses: this.#addresses, network: new TcpRpcNetwork() });
  }

  async #ask(
    client: ReplicatedClient,
    request: CellRequest,
    { signal, timeoutMs }: ClientCallOptions,
  ): Promise<Json> {
    const { answer = (result: Json) => result } = request;
    // The call's own deadline, so that the error says what the client knows, and not that it was aborted.
    const options = { signal, timeoutMs: timeoutMs * DEADLINE_SHARE };
    try {
      if ('command' in request)
        return answer(jsonOf(await client.command(request.command, options)));
      const { consistency = 'linearizable', readFrom = 'leader' } = request;
      const reading = { ...options, consistency, readFrom };
      return answer(jsonOf(await client.query(request.query, reading)));
    } catch (error) {
      if (!(error instanceof StateMachineError)) throw error;
      if ('command' in request && error.outcome === 'unknown') throw error;
      throw new DefiniteFailure(error.code, error.message);
    }
  }
}

/** Of the time of a call. */
const DEADLINE_SHARE = 0.95;

function jsonOf(value: WireValue): Json {
  if (value === undefined || value instanceof Uint8Array) {
    throw new TypeError('the service answered with what no cell holds');
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(jsonOf);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, jsonOf(field)]));
}

function isList(value: object): value is readonly WireValue[] {
  return Array.isArray(value);
}
