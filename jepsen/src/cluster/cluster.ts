import type { Database, MemberRole } from './database.js';
import type { MemberPlace } from './member.js';
import type { Network } from './network/network.js';

/** What a member's process is started with beside its command. Nemeses set it; it holds from the next start on. */
export interface Surroundings {
  /** Put before the command, such as a tracer that makes writes fail. */
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Open files at most; as many as this process where it is not given. */
  readonly openFiles?: number;
}

/** A cluster of processes under test. Members are named by their ids. */
export interface Cluster extends AsyncDisposable {
  readonly database: Database;
  readonly members: readonly MemberPlace[];
  readonly network: Network;
  readonly scratchDirectory: string;
  isRunning(id: number): boolean;
  /** The process that is the member's own, not what wraps it; undefined where it does not run. */
  processId(id: number): number | undefined;
  /** Resolves once it serves. Rejects with CLUSTER_FAILED where it ends before, or takes too long. */
  start(id: number, signal: AbortSignal): Promise<void>;
  /** Starts it and waits for nothing. */
  launch(id: number): void;
  /** Resolves once the process has ended. */
  kill(id: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops its process in its tracks (SIGSTOP), or has it go on. */
  pause(id: number): void;
  resume(id: number): void;
  surround(id: number, surroundings: Partial<Surroundings>): void;
  roles(signal: AbortSignal): Promise<ReadonlyMap<number, MemberRole>>;
}
