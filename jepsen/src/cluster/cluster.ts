import type { Database, MemberRole } from './database.js';
import type { MemberDisks } from './disk/member-disk.js';
import type { MemberPlace } from './member.js';
import type { Network } from './network/network.js';

/** What a member's process is started with beside its command. Nemeses set it; it holds from the next start on. */
export interface Surroundings {
  /** Put before the command, such as a tracer that makes writes fail. */
  readonly prefix: readonly string[];
  /** Of the member's own process, not of what is before it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Open files at most; as many as this process where it is not given. */
  readonly openFiles?: number | undefined;
}

/** How a member's process ended. */
export interface MemberEnd {
  readonly id: number;
  /** Of the start that it ended, from 1. */
  readonly start: number;
  /** Its exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether the cluster was asked to end it; what ended by itself is news. */
  readonly asked: boolean;
  /** It did not end by SIGTERM in time, and was killed. */
  readonly isOverdue?: boolean;
  /** Milliseconds of `performance.now()`. */
  readonly atMs: number;
}

/** A cluster of processes under test. Members are named by their ids. */
export interface Cluster extends AsyncDisposable {
  readonly database: Database;
  readonly members: readonly MemberPlace[];
  readonly network: Network;
  readonly disks: MemberDisks;
  readonly scratchDirectory: string;
  /** How processes ended, the first first: the latest 10,000. */
  readonly ends: readonly MemberEnd[];
  isRunning(id: number): boolean;
  /** The process that is the member's own, not what wraps it; undefined where it does not run. */
  processId(id: number): number | undefined;
  /**
   * Resolves once it serves; where it runs already, nothing is started. Rejects with CLUSTER_FAILED where it
   * ends before, or takes too long.
   */
  start(id: number, signal: AbortSignal): Promise<void>;
  /** Starts it and waits for nothing. Does nothing where it runs. */
  launch(id: number): void;
  /**
   * Resolves once the process has ended; at once where none runs. A paused one goes on for SIGTERM. One that
   * does not end by SIGTERM in time is killed: CLUSTER_FAILED.
   */
  kill(id: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops its process in its tracks (SIGSTOP), or has it go on. Does nothing where it does not run. */
  pause(id: number): void;
  resume(id: number): void;
  /**
   * The member loses power: its process is gone, and of its disk what was not synced. It stays down.
   * NEMESIS_UNAVAILABLE where its disk can't.
   */
  cutPower(id: number): Promise<void>;
  surround(id: number, surroundings: Partial<Surroundings>): void;
  roles(signal: AbortSignal): Promise<ReadonlyMap<number, MemberRole>>;
}
