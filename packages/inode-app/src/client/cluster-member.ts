import type { SnapshotsStatus } from '@raft-ts/statemachine';
import type { Election, ProgressState, Role } from 'raft-ts';

/** A change of several voters: while it is under way, a majority of both decides. */
export interface VotersChange {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** One member as it sees itself; what it cannot say is null. */
export interface ClusterMember {
  readonly id: number | null;
  /** Where clients reach it. */
  readonly address: string;
  readonly reachable: boolean;
  readonly role: Role | 'starting' | 'stopped' | 'disk-full' | 'unreachable';
  /** It holds less than the others may count on, and is being brought up to date. */
  readonly recovering: boolean | null;
  readonly pid: number | null;
  /** Of the cluster that it belongs to. */
  readonly clusterId: string | null;
  readonly term: number | null;
  /** Who leads as this member knows; 0 for nobody. */
  readonly leader: number | null;
  readonly commit: number | null;
  readonly applied: number | null;
  readonly lastIndex: number | null;
  /** The leader's word: up to where this member's log is known to be the same; null until it was heard from in this term. */
  readonly match: number | null;
  /** The leader's word: entries of its log that this member is not known to hold; null as `match`. */
  readonly lag: number | null;
  /** The leader's word: whether it takes part without voting. Null also for who takes no part. */
  readonly learner?: boolean | null;
  /** The leader's word: whether it has heard from this member lately. */
  readonly heard?: boolean | null;
  /** The leader's word: how it sends entries to this member. */
  readonly replication: ProgressState | null;
  /** The voters before and after the change of them that is under way, as this member knows; left out while there is none. */
  readonly change?: VotersChange;
  /** This member's last campaigns, oldest first: when, why, and how they ended. */
  readonly elections: readonly Election[] | null;
  readonly firstIndex: number | null;
  /** Bytes of the entries that its log holds, each with 32 beside its payload. */
  readonly logBytes: number | null;
  /**
   * Milliseconds that its clock is ahead of most members'; 0 where it agrees with them. Where no
   * majority agrees, each clock's distance to the nearest other.
   */
  readonly clockOffMs: number | null;
  readonly sessions: number | null;
  readonly pendingRequests: number | null;
  readonly rssBytes: number | null;
  readonly heapUsedBytes: number | null;
  readonly uptimeMs: number | null;
  readonly directories: number | null;
  readonly files: number | null;
  readonly symbolicLinks: number | null;
  /** A leader's word: how members' states differ. */
  readonly difference?: string;
  /** What it does with snapshots; null where it neither gives nor takes states. */
  readonly snapshots: SnapshotsStatus | null;
  /** Why it does not answer, why it stopped, or why it can't have the state that it needs. */
  readonly reason?: string;
}

/** Addresses at which different processes answer as the same member. */
export interface SameMember {
  readonly id: number;
  readonly addresses: readonly string[];
}

export interface ClusterStatus {
  /** Null when nobody says it, or when the addresses belong to different clusters. */
  readonly clusterId: string | null;
  /** Who leads in the highest term that any member knows of, by its own word or by others'. */
  readonly leader: number | null;
  /** The members whose word that is. */
  readonly leaderSaidBy: readonly number[];
  readonly members: readonly ClusterMember[];
  /** What keeps the cluster from serving, or is wrong with a member's clock, and what to do. */
  readonly problems: readonly string[];
}
