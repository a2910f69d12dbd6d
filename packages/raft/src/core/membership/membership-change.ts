import type { MemberId } from '../log/entry.js';
import type { Endpoints } from './endpoints.js';

/** What happens to one member. The protocol does not look at its endpoints. */
export type MemberChange =
  | { readonly type: 'add-voter'; readonly id: MemberId; readonly endpoints?: Endpoints }
  | { readonly type: 'add-learner'; readonly id: MemberId; readonly endpoints?: Endpoints }
  | { readonly type: 'remove'; readonly id: MemberId }
  /** Changes the endpoints alone, or the priority, in place of that of the member's own options; or both. */
  | {
      readonly type: 'update';
      readonly id: MemberId;
      readonly endpoints?: Endpoints;
      readonly priority?: number;
    };

/**
 * auto: directly where one voter changes at most, else through a joint configuration that the
 * leader leaves by itself. implicit: always joint, left by itself. explicit: always joint, and
 * left only by a change without members.
 */
export type Transition = 'auto' | 'implicit' | 'explicit';

/** A change of the configuration, in one entry. Without `changes` it leaves a joint one. */
export interface MembershipChange {
  readonly changes: readonly MemberChange[];
  readonly transition: Transition;
}

export const LEAVE_JOINT: MembershipChange = { changes: [], transition: 'auto' };

/** A change makes no sense for the configuration in force; nothing was changed by it. */
export class InvalidChange extends Error {
  override readonly name = 'InvalidChange';
}
