import { EntryType, type MemberId, type ReplicaStatus } from 'raft-ts';
import { decodeMembershipRecord, isJoint, isVoter } from 'raft-ts/core';
import type { LogImage } from './disk/log-image.js';

/** What losses are judged by. */
export interface Machines {
  readonly ids: readonly MemberId[];
  leader(): MemberId | undefined;
  status(id: MemberId): ReplicaStatus | undefined;
  member(id: MemberId): {
    readonly disk: {
      readonly durable: LogImage;
      readonly log: LogImage;
      readonly damaged: boolean;
    };
  };
}

/**
 * Who has lost what its disk held, and who may: Raft promises nothing when a majority loses it. One
 * machine at a time does, of three voters or more, and only while nobody is about to change who
 * votes; the next one once that one holds everything again and takes part.
 */
export class Losses {
  readonly #machines: Machines;
  /** With how much was committed when they did. */
  readonly #lost = new Map<MemberId, number>();
  #ended = false;
  /** A state machine goes wrong, and its member stops for good. */
  #allAreNeeded = false;
  /** Changes of the membership that somebody is about to make. */
  #changes = 0;
  /** Who founded the cluster. */
  readonly #voters: readonly MemberId[];
  /** Machines that are told who founds the cluster when they start. */
  readonly #founders: Set<MemberId>;

  constructor(machines: Machines, founders: readonly MemberId[]) {
    this.#machines = machines;
    this.#voters = founders;
    this.#founders = new Set(founders);
  }

  /** From now on nobody may lose anything: some may have stopped for good, and the rest is needed. */
  end(): void {
    this.#ended = true;
  }

  /** From now on nobody may lose anything, though who votes may change: one member is going to stop for good. */
  spareAll(): void {
    this.#allAreNeeded = true;
  }

  /** Whether somebody lacks what it has promised to hold. */
  get any(): boolean {
    if (this.#ended) return true;
    for (const [id, committed] of this.#lost) {
      if (!this.#recovered(id, committed)) return true;
      this.#lost.delete(id);
    }
    return false;
  }

  #recovered(id: MemberId, committed: number): boolean {
    const status = this.#machines.status(id);
    if (status === undefined || this.#machines.member(id).disk.damaged) return false;
    return !status.recovering && status.applied >= committed;
  }

  has(id: MemberId): boolean {
    const committed = this.#lost.get(id);
    return committed !== undefined && !this.#recovered(id, committed);
  }

  /** Whether `id` may lose what it holds. */
  mayLose(id: MemberId): boolean {
    const configuration = this.settledConfiguration();
    if (configuration === undefined || this.#changes > 0) return false;
    if (this.#allAreNeeded || this.any) return false;
    if (!isVoter(configuration, id)) return true;
    return configuration.voters.length >= 3 && this.#isKnownTo(configuration.voters);
  }

  /**
   * Whether the leader's membership is in force at all of these: who has not applied it counts on the
   * votes of the one before, perhaps on that of who loses its disk.
   */
  #isKnownTo(voters: readonly MemberId[]): boolean {
    const indexes = voters.map((id) => this.#machines.status(id)?.membership.index);
    return new Set(indexes).size === 1;
  }

  /** Somebody sets out to change the membership; the returned function is called at the end. */
  changeBegins(): () => void {
    let left = 1;
    this.#changes += left;
    return () => {
      this.#changes -= left;
      left = 0;
    };
  }

  /** Who votes, while no change of that is under way anywhere. */
  settledConfiguration() {
    const leader = this.#machines.leader();
    const membership = leader === undefined ? undefined : this.#machines.status(leader)?.membership;
    if (membership === undefined || isJoint(membership.configuration)) return undefined;
    const changing = this.#machines.ids.some((id) => {
      const { durable, log } = this.#machines.member(id).disk;
      return [durable, log].some(({ base, entries }) => {
        const last = entries.findLast(({ type }) => type === EntryType.Membership);
        return Math.max(last?.index ?? 0, base.membership.index) > membership.index;
      });
    });
    return changing ? undefined : membership.configuration;
  }

  /** `id` has lost something. */
  lost(id: MemberId): void {
    this.#lost.set(id, this.#highestCommit);
  }

  /** What any process or disk knows to be committed: a disk learns it later than who runs. */
  get #highestCommit(): number {
    const commits = this.#machines.ids.flatMap((id) => [
      this.#machines.member(id).disk.durable.hardState.commit,
      this.#machines.status(id)?.commit ?? 0,
    ]);
    return Math.max(...commits);
  }

  /** A machine that does not know who founded the cluster joins it. */
  forgetsFounders(id: MemberId): void {
    this.#founders.delete(id);
  }

  knowsFounders(id: MemberId): boolean {
    return this.#founders.has(id);
  }

  /** Whether `id` has neither voted nor acknowledged anything since it founded the cluster. */
  hasPromisedNothing(id: MemberId): boolean {
    const { lastIndex, hardState } = this.#machines.member(id).disk.durable;
    return lastIndex <= 1 && hardState.term <= 1 && hardState.recovery === 0;
  }

  /** Whether the log of `id` leads to what its state is, from the first entry on. */
  holdsAllEntries(id: MemberId): boolean {
    return this.#machines.member(id).disk.durable.base.index === 0;
  }

  /** Whether every other voter's log says that `id` was heard from, so that its loss is noticed. */
  isKnownToOthers(id: MemberId): boolean {
    const others = this.settledConfiguration()?.voters.filter((other) => other !== id);
    return (
      others?.every((other) => hasHeard(this.#machines.member(other).disk.durable, id)) === true
    );
  }
}

function hasHeard({ base, entries }: LogImage, id: MemberId): boolean {
  if (base.membership.index > 0 && !base.membership.unheard.includes(id)) return true;
  return entries.some(({ type, data }) => {
    if (type !== EntryType.Membership) return false;
    const record = decodeMembershipRecord(data);
    return record.kind === 'heard' && record.ids.includes(id);
  });
}
