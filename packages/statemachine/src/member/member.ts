import type { WireValue } from '@raft-ts/net';
import type { Replica } from 'raft-ts';
import type { QueryOptions, RequestOptions } from '../client/client-options.js';
import type { StateMachineService } from '../service/service.js';
import type { MemberStatus } from '../service/status/member-status.js';
import type { MemberSnapshots } from '../snapshots/member-snapshots.js';
import { completeMemberOptions, type MemberOptions } from './member-options.js';
import { MemberParts, type OpenedParts } from './member-parts.js';

/**
 * A whole member of a cluster: its log, the state machine with what it needs to restart, the endpoints for
 * members, clients and snapshots. What `Replica`, `StateMachineService` and `MemberSnapshots` do together, by one
 * call; who wants it otherwise puts those together.
 *
 * ```ts
 * await using member = await Member.open({ id: 1, clusterId, directory, application, machine, listen, founders });
 * await member.command(['put', 'greeting', 'hello']);
 * ```
 */
export class Member<Command, Query> implements AsyncDisposable {
  /**
   * Resolves when it has stopped, and everything is closed: with what stopped it, such as a disk that can't be
   * written; after `close()` with undefined, or with what could not be closed.
   */
  readonly stopped: Promise<Error | undefined>;
  /** For what is not here; stopped and closed by the member alone. */
  readonly replica: Replica;
  readonly service: StateMachineService<Command, Query>;
  readonly snapshots: MemberSnapshots;

  private constructor(parts: MemberParts<Command, Query>, opened: OpenedParts<Command, Query>) {
    this.replica = opened.replica;
    this.service = opened.service;
    this.snapshots = opened.snapshots;
    this.stopped = parts.closedAfter(opened.replica);
  }

  /**
   * Takes part from then on; a leader may not be elected yet. Rejects, with everything closed, with OPTIONS_INVALID,
   * ADDRESS_UNUSABLE, LOG_FOREIGN, LOG_LOCKED, LOG_CORRUPT, DATABASE_FAILED, SNAPSHOT_FOREIGN, SESSIONS_CORRUPT, STATE_MISSING,
   * what the state machine or the file system reports, or the signal's reason.
   */
  static async open<Command, Query>(
    given: MemberOptions<Command, Query>,
  ): Promise<Member<Command, Query>> {
    const parts = await checked(given);
    return new Member(parts, await parts.open());
  }

  /** As `StateMachineService.command`; the leader may be any member. */
  command(value: WireValue, options?: RequestOptions): Promise<WireValue> {
    return this.service.command(value, options);
  }

  /** As `StateMachineService.query`; answered from this member's state. */
  query(value: WireValue, options?: Omit<QueryOptions, 'readFrom'>): Promise<WireValue> {
    return this.service.query(value, options);
  }

  status(): MemberStatus {
    return this.service.status();
  }

  /**
   * Hands over the lead, if it has it and another member can take it, within an election timeout. Then
   * stops taking part, answers what waits, and closes everything. Safe to call twice; never rejects.
   */
  async close(): Promise<void> {
    // Whoever leads then, or nobody: this member goes.
    await this.replica.handOver().catch(() => {});
    await this.replica.stop();
    await this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A log that was given is closed also where the options do not fit. */
async function checked<Command, Query>(
  given: MemberOptions<Command, Query>,
): Promise<MemberParts<Command, Query>> {
  try {
    return new MemberParts(completeMemberOptions(given));
  } catch (error) {
    // It may be anything.
    await Promise.allSettled([(async () => given.log?.close())()]);
    throw error;
  }
}
