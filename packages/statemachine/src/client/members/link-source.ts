import type { LeaderAnswer } from './leader-search.js';
import type { MemberLink } from './member-link.js';

/** Finds the member that requests go to, and the next one when it is of no more use. */
export interface LinkSource {
  /** Whom it finds, as an error names that. */
  readonly whom: string;
  /** The link, when it can take requests; undefined begins to look for one. */
  readonly link: MemberLink | undefined;
  /** Whether a member that owes answers, and says this of itself alone, is still the one to ask. */
  isRight(answer: LeaderAnswer): boolean;
  /** This link's member is not the one to ask any more, or can't be reached. */
  leave(link: MemberLink): void;
  /** Nobody waits for anything: looking further would be for nothing. */
  rest(): void;
  close(): void;
}
