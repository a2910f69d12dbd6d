import { type Clock, pause } from '@raft-ts/net';
import type { Endpoints, MemberChange, MemberId } from 'raft-ts';
import { StateMachineError } from '../../errors.js';
import type {
  ClusterMember,
  ClusterMembership,
} from '../../service/membership/cluster-membership.js';
import type { MemberStatus } from '../../service/status/member-status.js';
import type { RequestOptions } from '../client-options.js';
import { abortedError } from '../sending/operation.js';

/** Between two looks at how far a member has come, milliseconds. */
const LOOK_MS = 100;
/** How long a member may take to say who it is, milliseconds. */
const ANSWER_MS = 5_000;
/** Entries that a learner may lack when it becomes a voter: what is on its way at any time. */
const CAUGHT_UP_ENTRIES = 1_000;

/** What bringing in a member needs of a client. */
export interface MembershipClient {
  membership(options: RequestOptions): Promise<ClusterMembership>;
  changeMembership(
    changes: readonly MemberChange[],
    options: RequestOptions,
  ): Promise<ClusterMembership>;
  status(address: string, options: RequestOptions): Promise<MemberStatus>;
}

/** Who is to take part. */
export interface Newcomer {
  readonly id: MemberId;
  readonly endpoints: Endpoints;
  /** The member whose place it takes, if any. */
  readonly replaces: MemberId | undefined;
  /** It is not asked who it is: nobody may answer there yet. */
  readonly unchecked: boolean;
}

/** One who brings in a member until a deadline. */
export class MemberBringer {
  readonly #client: MembershipClient;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    client: MembershipClient,
    clock: Clock,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#deadlineMs = clock.monotonicMs() + timeoutMs;
    this.#signal = signal;
  }

  /** Learner first, voter once it has caught up (Raft thesis, 4.2.1). Goes on where an earlier call ended. */
  async bringIn(newcomer: Newcomer): Promise<ClusterMembership> {
    const { id, endpoints, replaces } = newcomer;
    if (replaces === id) throw replacesItself(id);
    const before = await this.#client.membership(this.#options());
    const known = before.members.find((member) => member.id === id);
    // A voter may have taken that place already.
    if (replaces !== undefined && known?.role !== 'voter') refuseStranger(before, replaces);
    if (known === undefined) {
      if (!newcomer.unchecked) {
        refuseTaken(before, newcomer);
        refuseUsed(id, await this.checkAnswers(id, endpoints, before.clusterId));
      }
      await this.#client.changeMembership(
        [{ type: 'add-learner', id, endpoints }],
        this.#options(),
      );
    } else if (!isReachedAt(known, endpoints) && !(await this.#isThere(newcomer, before))) {
      throw new StateMachineError(
        'CHANGE_INVALID',
        `member ${id} takes part already, at other addresses: change those, or choose another id`,
      );
    } else {
      refuseVoters(before, newcomer);
    }
    return this.#promote(newcomer);
  }

  /**
   * Whether the member with this id answers at its address for clients, as one of this cluster. Rejects
   * with MEMBER_UNREACHABLE. Resolves with what it says; undefined where no such address is known.
   */
  async checkAnswers(
    id: MemberId,
    { client }: Endpoints,
    clusterId: string,
  ): Promise<MemberStatus | undefined> {
    if (client === undefined) return undefined;
    const timeoutMs = Math.min(ANSWER_MS, this.#leftMs);
    const status = await this.#client
      .status(client, { ...this.#options(), timeoutMs })
      .catch((error: unknown) => {
        if (this.#signal?.aborted === true) throw error;
        throw unreachable(error instanceof Error ? error.message : String(error));
      });
    const { replica } = status;
    if (replica === undefined || status.stopped) {
      throw unreachable(`${client}: this member does not take part now`);
    }
    if (replica.clusterId !== clusterId || replica.id !== id) {
      throw unreachable(
        `${client}: there is member ${replica.id} of the cluster "${replica.clusterId}", and not ` +
          `member ${id} of "${clusterId}"`,
      );
    }
    return status;
  }

  /** It has told the cluster other addresses than those it was added at, as a name in the place of a number. */
  async #isThere(
    { id, endpoints, unchecked }: Newcomer,
    { clusterId }: ClusterMembership,
  ): Promise<boolean> {
    if (unchecked) return false;
    try {
      return (await this.checkAnswers(id, endpoints, clusterId)) !== undefined;
    } catch (error) {
      if (!isCode(error, 'MEMBER_UNREACHABLE')) throw error;
      return false;
    }
  }

  async #promote({ id, replaces }: Newcomer): Promise<ClusterMembership> {
    const leave = replaces === undefined ? [] : [{ type: 'remove', id: replaces } as const];
    for (;;) {
      await this.#caughtUp(id);
      try {
        return await this.#client.changeMembership(
          [{ type: 'add-voter', id }, ...leave],
          this.#options(),
        );
      } catch (error) {
        if (!isCode(error, 'MEMBER_NOT_CAUGHT_UP') || this.#leftMs <= 0) throw error;
        // Another leader has not heard from it yet.
        await this.#pause();
      }
    }
  }

  /** Resolves once the member lacks no more than is on its way at any time. */
  async #caughtUp(id: MemberId): Promise<void> {
    for (;;) {
      const { members } = await this.#client.membership(this.#options());
      const member = members.find((each) => each.id === id);
      if (member === undefined) {
        throw new StateMachineError(
          'CHANGE_INVALID',
          `member ${id} was removed before it had caught up`,
        );
      }
      if (member.role !== 'learner' || hasCaughtUp(member)) return;
      if (this.#leftMs <= LOOK_MS) throw notCaughtUp(member);
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await pause(this.#clock, LOOK_MS, this.#signal ?? new AbortController().signal);
    if (this.#signal?.aborted === true) throw abortedError(this.#signal.reason);
  }

  get #leftMs(): number {
    return this.#deadlineMs - this.#clock.monotonicMs();
  }

  #options(): RequestOptions {
    const timeoutMs = Math.max(1, this.#leftMs);
    return this.#signal === undefined ? { timeoutMs } : { timeoutMs, signal: this.#signal };
  }
}

/** A directory of before its removal may have been put back, or belong to another member's life. */
function refuseUsed(id: MemberId, status: MemberStatus | undefined): void {
  if ((status?.replica?.lastIndex ?? 0) === 0) return;
  throw new StateMachineError(
    'CHANGE_INVALID',
    `member ${id} holds a log from before: its id was used already. Start it with an empty directory ` +
      'to come to the cluster anew, or choose another id',
  );
}

/** Throws CHANGE_INVALID for who takes no part. */
export function refuseStranger({ members }: ClusterMembership, id: MemberId): void {
  if (members.some((member) => member.id === id)) return;
  const who = members.map((member) => member.id).join(', ');
  throw new StateMachineError('CHANGE_INVALID', `there is no member ${id}; there are ${who}`);
}

/**
 * Throws CHANGE_INVALID where a member that stays is reached at one of the addresses: only that for clients is
 * asked who is there.
 */
export function refuseTaken(
  { members }: ClusterMembership,
  { id, endpoints, replaces }: Pick<Newcomer, 'id' | 'endpoints'> & Partial<Newcomer>,
): void {
  const wanted = new Set(Object.values(endpoints));
  for (const other of members) {
    if (other.id === id || other.id === replaces) continue;
    const taken = Object.values(other.endpoints ?? {}).find((address) => wanted.has(address));
    if (taken === undefined) continue;
    throw new StateMachineError(
      'CHANGE_INVALID',
      `${taken} is an address of member ${other.id}: give one at which member ${id} is reached`,
    );
  }
}

/** Who is a voter already takes nobody's place: one voter would be removed, and none come. */
function refuseVoters({ members }: ClusterMembership, { id, replaces }: Newcomer): void {
  const isVoter = (voter: MemberId) =>
    members.some((member) => member.id === voter && member.role === 'voter');
  if (replaces === undefined || !isVoter(replaces) || !isVoter(id)) return;
  throw new StateMachineError(
    'CHANGE_INVALID',
    `member ${id} is a voter already and takes nobody's place: remove member ${replaces} if it is to go`,
  );
}

/** Whoever takes part would otherwise be removed, and nobody come. */
function replacesItself(id: MemberId): StateMachineError {
  return new StateMachineError(
    'CHANGE_INVALID',
    `member ${id} can't take its own place: start the other machine under an id that no member has`,
  );
}

function hasCaughtUp({ active, recovering, match, lag }: ClusterMember): boolean {
  return active && !recovering && match > 0 && lag <= CAUGHT_UP_ENTRIES;
}

function isReachedAt({ endpoints }: ClusterMember, wanted: Endpoints): boolean {
  return endpoints?.member === wanted.member && endpoints.client === wanted.client;
}

function notCaughtUp({ id, match, lag }: ClusterMember): StateMachineError {
  const how = match === 0 ? 'the leader has not heard from it' : `it lacks ${lag} entries`;
  return new StateMachineError(
    'MEMBER_NOT_CAUGHT_UP',
    `member ${id} takes part as a learner and does not vote: ${how}. Ask for the same again to go on, ` +
      'or remove it',
    { outcome: 'unknown' },
  );
}

function unreachable(why: string): StateMachineError {
  return new StateMachineError(
    'MEMBER_UNREACHABLE',
    `${why}. Start the member there first, and look whether the addresses are right`,
  );
}

function isCode(error: unknown, code: StateMachineError['code']): boolean {
  return error instanceof StateMachineError && error.code === code;
}
