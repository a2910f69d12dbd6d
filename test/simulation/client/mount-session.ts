import { ReplicatedClient, StateMachineError } from '@raft-ts/statemachine';
import {
  byteString,
  encodeCommand,
  encodeQuery,
  type FoundBy,
  type Inode,
  InodeType,
  parseAnswer,
  type QueryKind,
  type QueryOf,
  type Operation as TreeOperation,
} from 'inode-app/store';
import { addressOf } from '../addresses.js';
import type { SimulationOptions } from '../options.js';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import { DIRECTORY, fileWord, INCOMPLETE, NOTHING, type Word } from '../storage/stored-files.js';
import type { NodeId } from '../wire/link.js';
import { type RpcExchange, VirtualRpcNetwork } from '../wire/rpc.js';

/** What an operation came to; refused: nothing was changed, failed: nothing either, and nobody says why. */
export type Outcome =
  | { readonly kind: 'done' | 'failed' | 'unknown' }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

/** What is in a directory, or at a path; undefined: nobody could say. */
export type Seen<Found> = { readonly found: Found } | { readonly refusal: string } | undefined;

/** What is in a directory, by name; or that there is none. */
export type Listing = ReadonlyMap<string, Word> | 'absent';

/** Codes that say what is not there. */
const ABSENCES = ['NOT_FOUND', 'NOT_A_DIRECTORY'];
const PAGE_ENTRIES = 1000;

/** One client's way to the tree. */
export class MountSession {
  readonly #client: ReplicatedClient;

  constructor(
    node: NodeId,
    process: VirtualProcess,
    parts: {
      readonly options: SimulationOptions;
      readonly random: Random;
      readonly rpc: RpcExchange;
    },
  ) {
    const { options, random, rpc } = parts;
    this.#client = new ReplicatedClient({
      addresses: options.machines.map(addressOf),
      network: new VirtualRpcNetwork(node, process, rpc, options.machines),
      clock: process.clock,
      random: random.fork(`backoff ${node}`).next,
      timeoutMs: options.requestTimeoutMs,
      readFrom: options.readFrom,
      ...options.client,
    });
  }

  async run(operation: TreeOperation, timeoutMs: number): Promise<Outcome> {
    try {
      const answer = await this.#client.command(['', encodeCommand([operation])], { timeoutMs });
      const result = Array.isArray(answer) ? answer[0] : undefined;
      if (typeof result === 'number') return { kind: 'done' };
      if (!Array.isArray(result)) throw new TypeError(`an answer that is none: ${String(answer)}`);
      return { kind: 'refused', code: String(result[0]), detail: String(result[2] ?? '') };
    } catch (error) {
      if (!(error instanceof StateMachineError)) throw error;
      return { kind: error.outcome === 'definite' ? 'failed' : 'unknown' };
    }
  }

  async ask<Kind extends QueryKind>(
    query: QueryOf<Kind>,
    timeoutMs: number,
  ): Promise<Seen<FoundBy<Kind>>> {
    try {
      const answer = parseAnswer(
        query,
        await this.#client.query(encodeQuery(query), { timeoutMs }),
      );
      // A refusal is a list that begins with its code.
      return Array.isArray(answer)
        ? { refusal: String(answer[0]) }
        : { found: answer as FoundBy<Kind> };
    } catch (error) {
      if (!(error instanceof StateMachineError)) throw error;
      return undefined;
    }
  }

  /** What is at a path; undefined: nobody could say. */
  async look(
    path: string,
    syncIntervalMs: number | undefined,
    timeoutMs: number,
  ): Promise<Word | undefined> {
    const query = { kind: 'getStatus', path: byteString(path), syncIntervalMs } as const;
    const seen = await this.ask<'getStatus'>(query, timeoutMs);
    if (seen === undefined) return undefined;
    if ('found' in seen) return wordOfInode(seen.found);
    return ABSENCES.includes(seen.refusal) ? NOTHING : undefined;
  }

  /** What is in a directory, by name; undefined: nobody could say. */
  async list(
    path: string,
    syncIntervalMs: number | undefined,
    timeoutMs: number,
  ): Promise<Listing | undefined> {
    const query = {
      kind: 'list',
      path: byteString(path),
      after: byteString(''),
      limit: PAGE_ENTRIES,
      syncIntervalMs,
    } as const;
    const seen = await this.ask<'list'>(query, timeoutMs);
    if (seen === undefined) return undefined;
    if ('refusal' in seen) return ABSENCES.includes(seen.refusal) ? 'absent' : undefined;
    return new Map(
      seen.found.entries.map(({ name, inode }) => [`${name}`, wordOfInode(inode)] as const),
    );
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function wordOfInode({ type, size, mounted }: Inode): Word {
  if (type === InodeType.Directory) return DIRECTORY;
  if (mounted?.complete !== true) return INCOMPLETE;
  return fileWord(size, mounted.fingerprint);
}
