import type { SnapshotReceiver, SnapshotSupply } from 'raft-ts';
import type { LogBase } from 'raft-ts/core';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';

/** What a state machine that is being opened may know of its member, once that takes part. */
export interface MemberState {
  /** `Replica.baseAt`; undefined before it takes part. */
  readonly baseAt: (index: number) => LogBase | undefined;
  /** Runs `work` while nothing is applied. */
  readonly whileNothingIsApplied: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A state machine with a store of its own, and how its state comes and goes. */
export interface DurableParts<Command, Query> {
  /** Open; closed with the member. */
  readonly machine: DurableStateMachine<Command, Query>;
  /** Such as a RocksSnapshotSupply. */
  readonly supply: SnapshotSupply;
  /** Such as a RocksSnapshotReceiver; closed with the member. */
  readonly receiver: SnapshotReceiver & AsyncDisposable;
}

/** Opens a state machine with a store of its own. */
export type OpenDurable<Command, Query> = (
  member: MemberState,
) => Promise<DurableParts<Command, Query>>;
