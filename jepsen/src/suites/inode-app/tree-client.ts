import { InodeAppError, NamespaceClient } from 'inode-app';
import type { CallInput } from '../../histories/history-event.js';
import {
  type Client,
  type ClientAnswer,
  type ClientCallOptions,
  DefiniteFailure,
} from '../../workloads/workload.js';
import type { ClientPlace } from '../suite.js';
import { type NamespaceCall, readsOnly, treeDirectory } from './namespace-calls.js';
import { clientAddress } from './program.js';

/** Of the time of a call: so the client tells what it knows before the call is given up. */
const DEADLINE_SHARE = 0.95;
/** Of the clients, one in so many has any member answer its reads. */
const ANY_MEMBER = 3;

/** One client of the tree: it keeps its leader and its session, or finds both anew for each call. */
export class TreeClient implements Client {
  readonly session?: string;
  readonly #place: ClientPlace;
  readonly #call: NamespaceCall;
  /** Directories of trees that are there for certain. */
  readonly #trees = new Set<string>(['']);
  #kept: NamespaceClient | undefined;
  #closing: Promise<void> | undefined;

  constructor(place: ClientPlace, call: NamespaceCall) {
    this.#place = place;
    this.#call = call;
    if (place.keepsLeader) this.session = `s${place.process}`;
  }

  async invoke(input: CallInput, { signal, timeoutMs }: ClientCallOptions): Promise<ClientAnswer> {
    await this.#closing;
    const client = this.#kept ?? this.#connect(timeoutMs);
    if (this.#place.keepsLeader) this.#kept = client;
    let isSent = false;
    try {
      await this.#haveTree(client, treeDirectory(input), signal);
      isSent = !readsOnly(input);
      return { output: await this.#call(client, input, { signal }) };
    } catch (error) {
      if (!(error instanceof InodeAppError)) throw error;
      if (isSent && error.outcome === 'unknown') throw error;
      throw new DefiniteFailure(error.code, error.message);
    } finally {
      // The answer does not wait for the session to be closed; the next call does.
      if (client !== this.#kept) this.#closing = client.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing;
    await this.#kept?.close();
  }

  /** Makes a tree's directory: it is no part of the tree. */
  async #haveTree(client: NamespaceClient, directory: string, signal: AbortSignal): Promise<void> {
    if (this.#trees.has(directory)) return;
    await client.mkdir(directory, { parents: true, signal });
    this.#trees.add(directory);
  }

  #connect(timeoutMs: number): NamespaceClient {
    const { members, process } = this.#place;
    return new NamespaceClient({
      addresses: members.map(clientAddress),
      timeoutMs: timeoutMs * DEADLINE_SHARE,
      readFrom: process % ANY_MEMBER === 0 ? 'any' : 'leader',
    });
  }
}
