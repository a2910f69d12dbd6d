import type { MemberAddresses } from 'inode-app';

/** What a member of the bench is started with. */
export interface MemberStart {
  readonly id: number;
  readonly directory: string;
  readonly members: readonly MemberAddresses[];
  /** A file of credentials profiles. */
  readonly profiles: string;
}

/** What a member is asked: what it uses; that besides, its peak begins anew; that slow calls are held, or go on. */
export type MemberQuestion = 'usage' | 'newPeak' | 'hold' | 'release';

export interface MemberRequest {
  readonly number: number;
  readonly question: MemberQuestion;
}

export interface MemberAnswer {
  readonly number: number;
  readonly usage: MemberUsage;
}

export interface MemberUsage {
  readonly leads: boolean;
  /** The last index that it knows to be committed. */
  readonly commit: number;
  readonly rssBytes: number;
  /** The highest of those that were sampled since the last `newPeak`. */
  readonly peakRssBytes: number;
  /** Of all threads of the process, since it began, microseconds. */
  readonly processorMicros: number;
  /** Slow calls that are held now. */
  readonly held: number;
}
