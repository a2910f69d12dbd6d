import { join } from 'node:path';
import { observe } from '@raft-ts/net';
import { FileSnapshotReceiver, SnapshotKeeper } from 'raft-ts';
import { makeDirectory } from 'raft-ts/rocksdb';
import { InMemoryMachine } from '../machine/in-memory-machine.js';
import type { InMemoryStateMachine } from '../machine/in-memory-state-machine.js';
import { DEFAULT_MIN_FREE_BYTES, Room } from '../snapshots/room.js';
import type { DurableParts, MemberState } from './durable-parts.js';
import type { MemberEvent } from './member-event.js';
import type { MemberOptions } from './member-options.js';

export interface OpenedState<Command, Query> extends DurableParts<Command, Query> {
  /** Where its snapshots are kept. */
  readonly directory: string;
  /** What a restart begins from; undefined for a state machine with a store of its own. */
  readonly keeper: SnapshotKeeper | undefined;
}

/** The state of a member, of either kind. */
export async function openState<Command, Query>(
  options: MemberOptions<Command, Query>,
  member: MemberState,
): Promise<OpenedState<Command, Query>> {
  const directory = join(options.directory, 'snapshots');
  await makeDirectory(directory);
  if (typeof options.machine !== 'function') {
    return await openInMemory(options, options.machine, directory, member);
  }
  return { ...(await options.machine(member)), directory, keeper: undefined };
}

async function openInMemory<Command, Query>(
  options: MemberOptions<Command, Query>,
  machine: InMemoryStateMachine<Command, Query>,
  directory: string,
  { baseAt }: MemberState,
): Promise<OpenedState<Command, Query>> {
  const { clusterId, application, snapshots = {}, clock } = options;
  const tell = (event: MemberEvent) => observe(options.onEvent, event);
  const keeper = await SnapshotKeeper.open({
    directory,
    clusterId,
    keepsNewest: true,
    onEvent: (event) => tell({ part: 'snapshots', event }),
  });
  const { minFreeBytes = DEFAULT_MIN_FREE_BYTES, freeBytes } = snapshots;
  const room = new Room({
    directory,
    minFreeBytes,
    ...(freeBytes === undefined ? {} : { freeBytes }),
  });
  const inMemory = await InMemoryMachine.open({
    machine,
    clusterId,
    application,
    keeper,
    baseAt,
    checkRoom: (neededBytes) => room.check('to make a snapshot', neededBytes),
    ...(clock === undefined ? {} : { clock }),
    onEvent: (event) => tell({ part: 'machine', event }),
  });
  const received = join(options.directory, 'received');
  await makeDirectory(received);
  const receiver = new FileSnapshotReceiver({
    directory: received,
    install: (path, manifest) => inMemory.install(path, manifest),
  });
  return { machine: inMemory, supply: inMemory, receiver, directory, keeper };
}
