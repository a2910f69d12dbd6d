import type { MemberId } from '../log/entry.js';

/** Why a member campaigned. */
export type ElectionReason =
  /** No leader was heard from for an election timeout. */
  | 'timeout'
  /** The leader's process had ended. */
  | 'leader-ended'
  /** The leader handed over. */
  | 'transfer'
  /** Its application asked for it. */
  | 'request';

/** One campaign of this member. */
export interface Election {
  /** The term that it was about. */
  readonly term: number;
  readonly reason: ElectionReason;
  /** under-way; won; refused: by a majority; ended: somebody else leads, or its time ran out. */
  readonly outcome: 'under-way' | 'won' | 'refused' | 'ended';
  /** The member's ticks since its start, when it began. */
  readonly atTick: number;
  /** Who led before, as far as known; 0 for nobody. */
  readonly leaderBefore: MemberId;
}

/** Campaigns that are remembered. */
const MAX_ELECTIONS = 8;

/** The last campaigns of this member, oldest first. */
export class ElectionHistory {
  #elections: Election[] = [];

  get all(): readonly Election[] {
    return this.#elections;
  }

  /** Why this member campaigned last. */
  get lastReason(): ElectionReason | undefined {
    return this.#elections.at(-1)?.reason;
  }

  began(election: Omit<Election, 'outcome'>): void {
    this.ended('ended');
    this.#elections = [...this.#elections, { ...election, outcome: 'under-way' as const }].slice(
      -MAX_ELECTIONS,
    );
  }

  /** How the one under way came out, if there is one. */
  ended(outcome: Exclude<Election['outcome'], 'under-way'>): void {
    const last = this.#elections.at(-1);
    if (last?.outcome !== 'under-way') return;
    this.#elections = [...this.#elections.slice(0, -1), { ...last, outcome }];
  }
}
