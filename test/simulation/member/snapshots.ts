import {
  type FetchedSnapshot,
  type LogBase,
  type MemberId,
  RaftError,
  type SnapshotRequest,
  type SnapshotSource,
} from 'raft-ts';
import type { Coverage } from '../coverage.js';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { Stream } from '../wire/link.js';
import type { VirtualNetwork } from '../wire/network.js';
import type { ListCopy } from './list-store.js';

/** A state on its way, and what the log begins with behind it. */
export interface ServedState {
  readonly base: LogBase;
  readonly state: ListCopy;
}

/** Pieces in which a state travels, at most, and the longest that lies between two of them. */
const MAX_PIECES = 8;
const MAX_PIECE_MS = 400;

/** Where members hand their states to each other. */
export class SnapshotExchange {
  readonly network: VirtualNetwork;
  readonly coverage: Coverage;
  readonly random: Random;
  readonly #servers = new Map<MemberId, () => ServedState | undefined>();

  constructor(network: VirtualNetwork, coverage: Coverage, random: Random) {
    this.network = network;
    this.coverage = coverage;
    this.random = random;
  }

  /** Until its process ends `id` hands out what `state` returns, if anything. */
  serve(id: MemberId, state: () => ServedState | undefined): void {
    this.#servers.set(id, state);
  }

  /** One piece after the other; `arrived` is called with the last. */
  sendPieces(stream: Stream, pieces: number, pieceMs: number, arrived: () => void): void {
    const last = pieces === 1;
    this.network.send(stream, last ? arrived : () => {});
    if (last || stream.broken) return;
    const sender = this.network.process(stream.link.from);
    sender?.clock.after(pieceMs, () => this.sendPieces(stream, pieces - 1, pieceMs, arrived));
  }

  /** As it is now, and nobody's but the asker's. */
  state(id: MemberId): ServedState | undefined {
    return structuredClone(this.#servers.get(id)?.());
  }
}

export interface SnapshotParts {
  readonly id: MemberId;
  readonly process: VirtualProcess;
  readonly exchange: SnapshotExchange;
  /** Makes `state` the member's state, durably. */
  readonly install: (state: ListCopy) => Promise<void>;
}

/** Fetches states of other members over the virtual network, in pieces. */
export class VirtualSnapshots implements SnapshotSource {
  readonly #parts: SnapshotParts;

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
  }

  async fetch({ from }: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot> {
    // No member leads: in a simulation the others have nothing, or will lead soon.
    if (from === 0) throw failed(from);
    const { process, exchange } = this.#parts;
    const { coverage } = exchange;
    try {
      const { base, state } = await this.#transfer(from, signal);
      coverage.count('snapshot fetched');
      return {
        base,
        install: async () => {
          await this.#parts.install(state);
          coverage.count('snapshot installed');
        },
        async [Symbol.asyncDispose]() {},
      };
    } catch (error) {
      if (!signal.aborted) coverage.count('snapshot could not be fetched');
      else if (!process.ended) coverage.count('snapshot overtaken by a newer one');
      throw error;
    }
  }

  #transfer(from: MemberId, signal: AbortSignal): Promise<ServedState> {
    const { id, process, exchange } = this.#parts;
    const { network, random } = exchange;
    return new Promise((resolve, reject) => {
      const fail = () => {
        process.deliver(() => reject(failed(from)));
        network.break(up);
        network.break(down);
      };
      const up = network.open(id, from, { broken: fail });
      const down = network.open(from, id, { broken: fail });
      signal.addEventListener('abort', fail, { once: true });
      network.send(up, () => {
        const served = exchange.state(from);
        if (served === undefined) {
          network.break(down);
          return;
        }
        const pieces = random.integer(1, MAX_PIECES);
        const pieceMs = random.magnitude(1, MAX_PIECE_MS);
        exchange.sendPieces(down, pieces, pieceMs, () => {
          up.end();
          down.end();
          resolve(served);
        });
      });
    });
  }
}

function failed(from: MemberId): RaftError {
  return new RaftError('SNAPSHOT_FAILED', `member ${from} could not be asked for its state`);
}
