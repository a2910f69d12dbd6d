import type { MemberId } from '../log/entry.js';
import { type Configuration, EMPTY_CONFIGURATION } from './configuration.js';
import type { EndpointsByMember } from './endpoints.js';

/** How voters were given up, by an operator's order; kept for ever. */
export interface GivenUpVoters {
  /** The voters that were given up, and with them what only they held. */
  readonly lostVoters: readonly MemberId[];
  /** Who ordered it and why, in the operator's words. */
  readonly reason: string;
  /** Milliseconds since 1970, by the operator's clock. */
  readonly atMs: number;
}

/** A recovery from the loss of a majority. */
export interface ForcedRecovery extends GivenUpVoters {
  /** Index and term of the entry that ordered it. */
  readonly index: number;
  readonly term: number;
}

/** Of members that were given one, from 0 to MAX_PRIORITY. */
export type PrioritiesByMember = Readonly<Record<MemberId, number>>;

/** Who takes part as of some index, and what goes with it. */
export interface Membership {
  /** The entry that made it so; 0 before there is any. */
  readonly index: number;
  readonly configuration: Configuration;
  readonly endpoints: EndpointsByMember;
  /** Of members to which an operator gave one; others have that of their options. Absent where all do. */
  readonly priorities?: PrioritiesByMember;
  readonly forcedRecoveries: readonly ForcedRecovery[];
  /**
   * Founders of whom the log does not say yet that they have acknowledged more than what the cluster
   * began with. Ascending. While one is in here, its disk must not be emptied unless it is told to
   * join; see docs/decisions/0008-recovery.md.
   */
  readonly unheard: readonly MemberId[];
}

export const EMPTY_MEMBERSHIP: Membership = {
  index: 0,
  configuration: EMPTY_CONFIGURATION,
  endpoints: {},
  forcedRecoveries: [],
  unheard: [],
};
