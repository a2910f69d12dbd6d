import {
  type FetchedSnapshot,
  HttpSnapshotSource,
  type MemberId,
  type Replica,
  SnapshotKeeper,
  type SnapshotPeer,
  type SnapshotReceiver,
  type SnapshotRequest,
  SnapshotServer,
  type SnapshotSource,
  type SnapshotSupply,
} from 'raft-ts';
import { allMembers } from 'raft-ts/core';
import { CLUSTER_ID, httpAddressOf } from '../addresses.js';
import type { Coverage } from '../coverage.js';
import type { VirtualFiles } from '../disk/virtual-files.js';
import type { SimulationOptions, SnapshotOptions } from '../options.js';
import type { VirtualProcess } from '../process.js';
import type { TransferBegun } from '../property.js';
import { type HttpExchange, VirtualHttpClient } from '../wire/http.js';
import { WatchedReceiver } from './watched-receiver.js';

/** Where a member keeps what it hands out. */
export const KEPT_DIRECTORY = 'snapshots';

export const APPLICATION = { name: 'list', version: 1 } as const;

/** What is told of one member's snapshots. */
export interface SnapshotWatcher {
  /** Another member was asked for the bytes of a snapshot, or for its latest. */
  asked(peer: MemberId, what: string): void;
  begun(transfer: TransferBegun): void;
  receiving(): void;
  serving(): void;
}

export interface MemberSnapshotsParts {
  readonly id: MemberId;
  /** All machines. */
  readonly members: readonly MemberId[];
  /** Whether the membership says where members answer; otherwise each is told it of all machines. */
  readonly namesEndpoints: boolean;
  readonly process: VirtualProcess;
  readonly keeper: SnapshotKeeper;
  readonly exchange: HttpExchange;
  readonly coverage: Coverage;
  readonly options: SnapshotOptions;
  readonly supply: SnapshotSupply;
  readonly receiver: SnapshotReceiver;
  /** Where it answers. */
  readonly address: string;
  readonly watcher: SnapshotWatcher;
}

/** What a member keeps on its disk to hand it out, and, in memory, to restart from. */
export function openKeeper(
  { application, snapshots }: SimulationOptions,
  storage: VirtualFiles,
  process: VirtualProcess,
  onDamage: () => void,
): Promise<SnapshotKeeper> {
  const keepsNewest = application === 'memory';
  return SnapshotKeeper.open({
    directory: KEPT_DIRECTORY,
    clusterId: CLUSTER_ID,
    storage,
    blockBytes: snapshots.blockBytes,
    keepsNewest,
    maxSnapshots: keepsNewest ? Math.max(2, snapshots.maxSnapshots) : snapshots.maxSnapshots,
    readerTimeoutMs: snapshots.readerTimeoutMs,
    clock: process.clock,
    onEvent: onDamage,
  });
}

/** What one life of a member gives its state to others with, and takes theirs: the product's parts. */
export class MemberSnapshots implements SnapshotSource {
  readonly #parts: MemberSnapshotsParts;
  readonly #server: SnapshotServer;
  readonly #source: HttpSnapshotSource;
  readonly #receiver: WatchedReceiver;
  #replica: Replica | undefined;

  constructor(parts: MemberSnapshotsParts) {
    const { id, process, exchange, options, keeper, supply, address, watcher } = parts;
    const { clock } = process;
    const shared = { clusterId: CLUSTER_ID, application: APPLICATION, clock };
    this.#parts = parts;
    this.#receiver = new WatchedReceiver({
      receiver: parts.receiver,
      coverage: parts.coverage,
      onBegun: (transfer) => watcher.begun(transfer),
      onBlock: () => watcher.receiving(),
    });
    this.#server = new SnapshotServer({
      ...shared,
      keeper,
      supply,
      maxReaders: options.maxReaders,
      answerWithinMs: options.answerWithinMs,
      maxSentBytesPerSecond: options.bytesPerSecond,
    });
    const client = new VirtualHttpClient(id, process, exchange);
    this.#source = new HttpSnapshotSource({
      ...shared,
      receiver: this.#receiver,
      client: {
        request: (peer, call) => {
          this.#asked(peer, call.path);
          return client.request(peer, call);
        },
      },
      peers: () => this.#peers(),
      rangeBytes: options.rangeBytes,
      makingTimeoutMs: options.makingTimeoutMs,
    });
    exchange.listen(address, id, process, (request) => {
      if (request.headers.range !== undefined) watcher.serving();
      return this.#server.handle(request);
    });
  }

  serve(replica: Replica): void {
    this.#replica = replica;
  }

  async fetch(request: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot> {
    const { coverage, process } = this.#parts;
    this.#receiver.expect(request.index);
    try {
      const fetched = await this.#source.fetch(request, signal);
      coverage.count('snapshot fetched');
      return fetched;
    } catch (error) {
      if (!signal.aborted) coverage.count('snapshot could not be fetched');
      else if (!process.ended) coverage.count('snapshot overtaken by a newer one');
      throw error;
    }
  }

  /** Those who take part, as far as it knows, and whom it was told of. */
  #peers(): readonly SnapshotPeer[] {
    const { id, members, namesEndpoints } = this.#parts;
    const known =
      this.#replica === undefined ? [] : allMembers(this.#replica.membership.configuration);
    const told = namesEndpoints && known.length > 0 ? [] : members;
    return [...new Set([...known, ...told])]
      .filter((member) => member !== id)
      .map((member) => ({ member, address: this.#addressOf(member) }));
  }

  #addressOf(member: MemberId): string {
    return this.#replica?.membership.endpoints[member]?.http ?? httpAddressOf(member);
  }

  #asked(address: string, path: string): void {
    const peer = this.#peers().find((each) => each.address === address);
    if (peer === undefined) return;
    const what = path.slice(path.lastIndexOf('/') + 1);
    this.#receiver.asked(peer.member);
    this.#parts.watcher.asked(peer.member, what);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#source.close();
  }
}
