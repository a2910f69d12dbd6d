import type { Entry, LogWrite, MemberId, Message, ReplicaStatus } from 'raft-ts';
import type { Coverage } from './coverage.js';
import type { VirtualDisk } from './disk.js';
import type { Operation } from './history.js';
import type { ListStore } from './list-store.js';

/** What properties may look at. */
export interface World {
  readonly members: readonly MemberId[];
  readonly coverage: Coverage;
  /**
   * The entries that were committed, by the word of any member, entry i at place i - 1. The
   * property state-machine-safety learns them and is checked first.
   */
  readonly committed: Entry[];
  /** The terms in which they were first known to be committed. */
  readonly committedIn: number[];
  disk(member: MemberId): VirtualDisk;
  store(member: MemberId): ListStore;
  /** As of the last turn of its process; undefined while it is down. */
  status(member: MemberId): ReplicaStatus | undefined;
}

/** Reports that a property does not hold. */
export type Violate = (message: string) => void;

/** Something that must hold in every run. Each hook is called as soon as its event happens. */
export interface Property {
  /** A member sends a message. */
  sent?(message: Message): void;
  /** A member hands a write to its disk; `replaced` is what it takes the place of in its log. */
  handedOver?(member: MemberId, write: LogWrite, replaced: readonly Entry[]): void;
  /** A write has become durable. */
  durable?(member: MemberId, write: LogWrite, replaced: readonly Entry[]): void;
  /** A member has handled its input; `before` is its status after the turn before, if any. */
  turned?(member: MemberId, now: ReplicaStatus, before: ReplicaStatus | undefined): void;
  /** A committed entry comes to a member's state machine. */
  applied?(member: MemberId, entry: Entry): void;
  /** A value has been appended to a member's list, by the entry at `index`. */
  tookEffect?(member: MemberId, index: number, value: string, store: ListStore): void;
  /** A member starts from what its disks hold, for the first time or again. */
  started?(member: MemberId): void;
  /** A member stopped by itself. */
  stopped?(member: MemberId, error: Error): void;
  /** A client has sent a request. */
  invoked?(operation: Operation): void;
  /** A client knows how its request ended, or has given up. */
  completed?(operation: Operation): void;
  /** The run is over. */
  finished?(): void;
}

export interface NamedProperty {
  /** The name of its file. */
  readonly name: string;
  readonly create: (world: World, violate: Violate) => Property;
}

/** The first property that did not hold. */
export interface Violation {
  readonly property: string;
  readonly message: string;
  readonly atMs: number;
}
