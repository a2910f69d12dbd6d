import type {
  Entry,
  HardState,
  LogBase,
  LogWrite,
  MemberId,
  Message,
  ReplicaStatus,
} from 'raft-ts';
import type { Operation } from './client/history.js';
import type {
  ContentRefused,
  MountChange,
  OutsideSeen,
  OwnListed,
  OwnSeen,
  SettledMount,
  WatchedStorage,
} from './client/mount-history.js';
import type { Coverage } from './coverage.js';
import type { LogImage } from './disk/log-image.js';
import type { ListStore } from './member/list-store.js';
import type { SimulationOptions } from './options.js';
import type { NodeId } from './wire/link.js';

/** The two times of an entry of the framework. */
export interface EntryTimes {
  readonly logTimeMs: number;
  readonly wallMs: number;
}

/** How a member begins to receive a snapshot, or goes on. */
export interface TransferBegun {
  readonly id: string;
  /** Where it goes on: so many blocks are there. */
  readonly blocks: number;
  /** What it had begun when this fetch began, and with how many blocks of it that this process knows of. */
  readonly before: { readonly id: string; readonly blocks: number } | undefined;
}

/** What a backup holds. */
export interface Backup {
  /** What was committed when it was asked for. */
  readonly askedIndex: number;
  readonly base: LogBase;
  readonly store: ListStore;
}

/** What properties may look at of a machine. */
export interface WatchedMember {
  readonly disk: { readonly durable: LogImage; readonly log: LogImage; readonly damaged: boolean };
  readonly store: ListStore;
  readonly clock: { monotonicMs(): number; wallMs(): number };
  /** Up to here its log was cut by a fault, or by whoever keeps house: they ask nobody. */
  readonly forgottenTo: number;
  /** As of the last turn of its process; undefined while it is down. */
  readonly status: ReplicaStatus | undefined;
  /** What its clock shows. */
  readonly monotonicMs: number;
  /** By its own clock, how long its process has run without standing still. */
  readonly ranMs: number;
  /** How often it has stood still. */
  readonly pauses: number;
}

/** What properties may look at. */
export interface World {
  readonly options: SimulationOptions;
  readonly coverage: Coverage;
  /**
   * The entries that were committed, by the word of any member, entry i at place i - 1. The
   * property state-machine-safety learns them and is checked first. Undefined for one that
   * nobody was seen to hold when it was committed.
   */
  readonly committed: (Entry | undefined)[];
  /** The terms in which they were first known to be committed. */
  readonly committedIn: number[];
  /** Undefined where nothing is mounted. */
  readonly storage: WatchedStorage | undefined;
  member(id: MemberId): WatchedMember;
  nowMs(): number;
  /** Who takes part now. */
  participants(): readonly MemberId[];
  /** Whether a member has lost what it held, and is not brought up to date yet. */
  hasLost(id: MemberId): boolean;
}

/** Reports that a property does not hold. */
export type Violate = (message: string) => void;

/** Something that must hold in every run. Each hook is called as soon as its event happens. */
export interface Property {
  /** A member sends a message. */
  sent?(message: Message): void;
  /** A member takes in what another one said, and what was held up on its way for so long. */
  believed?(member: MemberId, from: MemberId, heldUpMs: number): void;
  /** A member hands a write to its disk; `replaced` is what it takes the place of in its log. */
  handedOver?(member: MemberId, write: LogWrite, replaced: readonly Entry[]): void;
  /** A write has become durable. */
  durable?(member: MemberId, write: LogWrite, replaced: readonly Entry[]): void;
  /** A member has handled its input; `before` is its status after the turn before, if any. */
  turned?(member: MemberId, now: ReplicaStatus, before: ReplicaStatus | undefined): void;
  /** A committed entry comes to a member's state machine. */
  applied?(member: MemberId, entry: Entry): void;
  /** A member has taken hold of its state, as of `index`, to hand it out. */
  snapshotTaken?(member: MemberId, index: number): void;
  /** The cluster was backed up. */
  backedUp?(backup: Backup): void;
  /** A member begins, or goes on, to receive a snapshot. */
  transferBegun?(member: MemberId, transfer: TransferBegun): void;
  /** Another state, as of `index`, has taken the place of a member's. */
  installed?(member: MemberId, index: number): void;
  /** A value has been appended to a member's list, by the entry at `index`, whose times the framework knows. */
  tookEffect?(
    member: MemberId,
    index: number,
    value: string,
    store: ListStore,
    times: EntryTimes | undefined,
  ): void;
  /** A member starts from what its disks hold, for the first time or again. */
  started?(member: MemberId): void;
  /** The log of a member that is down, with all that it promised, is gone. */
  wiped?(member: MemberId): void;
  /** The state of a member that is down is gone. */
  stateWiped?(member: MemberId): void;
  /** An empty log has taken the place of a member's damaged one, and begins with this. */
  rebuilt?(member: MemberId, hardState: HardState): void;
  /** A member has stopped because its state is another one than most members have. */
  diverged?(member: MemberId): void;
  /** A member stopped by itself. */
  stopped?(member: MemberId, error: Error): void;
  /** A member is told that another one's process has ended, rightly or not. */
  processEnded?(member: MemberId, ended: MemberId): void;
  /** A leader is asked to hand over the lead; `number` counts such requests. */
  transferAsked?(number: number, member: MemberId): void;
  /** It has told how that went, or nobody waits for it any more. */
  transferAnswered?(number: number): void;
  /** A client has sent a request. */
  invoked?(operation: Operation): void;
  /** A client knows how its request ended, or has given up. */
  completed?(operation: Operation): void;
  /** A client is told that its session has ended. */
  sessionLost?(client: NodeId): void;
  /** A client of a mount knows how a change of its own files ended. */
  mountChanged?(change: MountChange): void;
  /** A client has a file of its own, and its content can't be written. */
  contentRefused?(refused: ContentRefused): void;
  /** A client has listed a directory of somebody's own files. */
  ownListed?(listed: OwnListed): void;
  /** A client has seen somebody's own files; told once it is known how their last change ended. */
  ownSeen?(seen: OwnSeen): void;
  /** A client has seen what somebody outside changes. */
  outsideSeen?(seen: OutsideSeen): void;
  /** Nobody works in the mount any more, and it was looked at. */
  mountSettled?(settled: SettledMount): void;
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
