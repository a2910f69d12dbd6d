import type {
  FetchedSnapshot,
  MemberId,
  SnapshotBlock,
  SnapshotManifest,
  SnapshotPosition,
  SnapshotReceiver,
} from 'raft-ts';
import type { Coverage } from '../coverage.js';
import type { TransferBegun } from '../property.js';

export interface WatchedReceiverParts {
  readonly receiver: SnapshotReceiver;
  readonly coverage: Coverage;
  readonly onBegun: (transfer: TransferBegun) => void;
  readonly onBlock: () => void;
}

/** Sees what a member's source does with its receiver, and whom it asked before. */
export class WatchedReceiver implements SnapshotReceiver {
  readonly #parts: WatchedReceiverParts;
  /** The indexes that fetches need, in the order in which they begin. */
  readonly #needed: number[] = [];
  /** Of the fetch under way: what was begun before it. */
  #before: { readonly id: string; readonly blocks: number } | undefined;
  /** Who was asked for a snapshot's bytes last. */
  #from: MemberId | undefined;
  /** As far as this process has received it. */
  #received = { id: '', blocks: 0 };
  /** From whom the last block came. */
  #receivedFrom: MemberId | undefined;

  constructor(parts: WatchedReceiverParts) {
    this.#parts = parts;
  }

  /** A fetch of a state as of `index` or later will begin. */
  expect(index: number): void {
    this.#needed.push(index);
  }

  /** A member is asked for something. */
  asked(peer: MemberId): void {
    this.#from = peer;
  }

  /** Each fetch begins with this. */
  async begun(): Promise<SnapshotManifest | undefined> {
    const { receiver } = this.#parts;
    const needed = this.#needed.shift() ?? 0;
    const manifest = await receiver.begun();
    const counts = manifest !== undefined && manifest.header.base.index >= needed;
    this.#before = counts ? { id: manifest.id, blocks: this.#blocksOf(manifest.id) } : undefined;
    return manifest;
  }

  #blocksOf(id: string): number {
    return this.#received.id === id ? this.#received.blocks : 0;
  }

  async begin(manifest: SnapshotManifest): Promise<SnapshotPosition> {
    const { receiver, coverage, onBegun } = this.#parts;
    const { id } = manifest;
    const position = await receiver.begin(manifest);
    const before = this.#before && { ...this.#before, blocks: this.#blocksOf(this.#before.id) };
    onBegun({ id, blocks: position.blocks, before });
    if (position.blocks > 0) coverage.count('transfer of a snapshot gone on with');
    else if (before !== undefined) coverage.count('transfer of a snapshot begun anew');
    this.#before = { id, blocks: position.blocks };
    this.#received = { id, blocks: position.blocks };
    return position;
  }

  async accept(block: SnapshotBlock): Promise<void> {
    const { receiver, coverage, onBlock } = this.#parts;
    await receiver.accept(block);
    this.#received = { ...this.#received, blocks: block.end.blocks };
    if (block.number > 1 && this.#receivedFrom !== this.#from) {
      coverage.count('transfer of a snapshot gone on with at another member');
    }
    this.#receivedFrom = this.#from;
    onBlock();
  }

  complete(): Promise<FetchedSnapshot> {
    this.#before = undefined;
    return this.#parts.receiver.complete();
  }

  discard(): Promise<void> {
    this.#before = undefined;
    return this.#parts.receiver.discard();
  }
}
