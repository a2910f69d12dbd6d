import { InMemoryMachine } from '@raft-ts/statemachine';
import {
  FileSnapshotReceiver,
  type LogBase,
  type SnapshotKeeper,
  type SnapshotReceiver,
  type SnapshotRow,
  type SnapshotState,
  type SnapshotSupply,
  stateOf,
} from 'raft-ts';
import { CLUSTER_ID } from '../addresses.js';
import type { VirtualFiles } from '../disk/virtual-files.js';
import type { VirtualProcess } from '../process.js';
import type { EffectWatcher } from './list-machine.js';
import { rowsOfList } from './list-rows.js';
import type { ListCopy, ListStore } from './list-store.js';
import { MemoryList, WatchedMemoryMachine } from './memory-list.js';
import { VirtualRowsReceiver } from './received-rows.js';
import { APPLICATION } from './snapshots.js';

/** Where a state in memory is received. */
const RECEIVED_DIRECTORY = 'received';
/** Rows that are read together as a snapshot is made. */
const PAGE_ROWS = 20;

/** Where a member's state comes from that others get, and where theirs goes. */
export interface StateExchange {
  readonly supply: SnapshotSupply;
  readonly receiver: SnapshotReceiver;
}

export interface StateExchangeParts {
  readonly store: ListStore;
  readonly process: VirtualProcess;
  readonly files: VirtualFiles;
  readonly keeper: SnapshotKeeper;
  readonly pageMs: number;
  /** Of the member's replica. */
  readonly baseAt: (index: number) => LogBase | undefined;
  /** The state is taken hold of, as of this index. */
  readonly onTaken: (index: number) => void;
  /** A state in memory was there to begin with. */
  readonly onRestored: () => void;
  /** Calls `replace`, which puts another state in the place of this one. */
  readonly install: (replace: () => Promise<void>) => Promise<void>;
}

/** Of a state that lies on the disk as rows. */
export function exchangeOfRows(parts: StateExchangeParts): StateExchange {
  const { store, process, pageMs, baseAt, onTaken, files, install } = parts;
  const take = (index: number): SnapshotState | undefined => {
    const { appliedIndex } = store;
    const base = appliedIndex < index ? undefined : baseAt(appliedIndex);
    if (base === undefined) return undefined;
    onTaken(appliedIndex);
    return stateOf(base, { rows: pages(store.copy(), process, pageMs) });
  };
  return {
    supply: { take: async (index) => take(index) },
    receiver: new VirtualRowsReceiver(files, install),
  };
}

/** Rows of one moment, some at a time, and some time between them. */
async function* pages(
  copy: ListCopy,
  { clock }: VirtualProcess,
  pageMs: number,
): AsyncGenerator<readonly SnapshotRow[]> {
  const rows = rowsOfList(copy);
  for (let from = 0; from < rows.length; from += PAGE_ROWS) {
    await new Promise<void>((resolve) => clock.after(pageMs, resolve));
    yield rows.slice(from, from + PAGE_ROWS);
  }
}

/** A state in memory, as it is found on the disk, and what it is exchanged with. */
export async function openMemoryList(
  parts: StateExchangeParts,
  onEffect: EffectWatcher,
): Promise<StateExchange & { readonly machine: WatchedMemoryMachine }> {
  const { store, process, pageMs, keeper, baseAt, onTaken, files: storage, install } = parts;
  store.wipe();
  const inMemory = await InMemoryMachine.open({
    machine: new MemoryList(store, process.clock, pageMs, onEffect),
    clusterId: CLUSTER_ID,
    application: APPLICATION,
    keeper,
    baseAt: (index) => {
      const base = baseAt(index);
      if (base !== undefined) onTaken(index);
      return base;
    },
    clock: process.clock,
  });
  const machine = new WatchedMemoryMachine(inMemory, store);
  if (machine.appliedIndex > 0) parts.onRestored();
  await machine.restored();
  const receiver = new FileSnapshotReceiver({
    directory: RECEIVED_DIRECTORY,
    storage,
    install: (path, manifest) =>
      install(async () => {
        await inMemory.install(path, manifest);
        await machine.restored();
      }),
  });
  return { machine, supply: inMemory, receiver };
}
