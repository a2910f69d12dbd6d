import type { MemberPlace } from './member.js';

/** What is run as a process. */
export interface ProcessCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export type MemberRole = 'leader' | 'candidate' | 'follower' | 'learner' | 'silent';

/** Something that the system's operator does while it serves. What it did is told in the history. */
export type OperatorAction = (cluster: ActedOnCluster, signal: AbortSignal) => Promise<string>;

/** What an operator's action may ask of the cluster. */
export interface ActedOnCluster {
  readonly members: readonly MemberPlace[];
  isRunning(id: number): boolean;
  /** A number from 0 to below 1; the same for the same seed. */
  random(): number;
  /** A directory for what the action leaves behind: removed with the cluster. */
  readonly scratchDirectory: string;
}

/**
 * A system that is put under test: how one of its members is run. Everything about processes, networks,
 * disks and clocks is the cluster's. Starting, killing and pausing work on what `command` runs.
 */
export interface Database {
  readonly name: string;
  /** Names of the ports at which a member listens; each member is given one of each. */
  readonly ports: readonly string[];
  /** The same each time that a member is started, but for what it finds in its directory. */
  command(member: MemberPlace, members: readonly MemberPlace[]): ProcessCommand;
  /** Whether this member answers now; it is asked again until it does, or the start has failed. */
  isServing(member: MemberPlace, signal: AbortSignal): Promise<boolean>;
  /** Done once, before the first member starts. */
  setUp?(members: readonly MemberPlace[], signal: AbortSignal): Promise<void>;
  /** The roles as of now, by id; a member that does not answer is silent. */
  roles?(
    members: readonly MemberPlace[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, MemberRole>>;
  /** What operators do to it, by names such as `transfer`, `members`, `backup`, `compact`. */
  readonly actions?: Readonly<Record<string, OperatorAction>>;
  /**
   * What differs now in what members hold: nothing where all agree. Rejects where one does not say it. Asked after
   * healing until they agree.
   */
  differences?(members: readonly MemberPlace[], signal: AbortSignal): Promise<readonly string[]>;
  /** Faults that break what it promises, with the reason: those nemeses refuse to run against it. */
  readonly refusedNemeses?: Readonly<Record<string, string>>;
}
