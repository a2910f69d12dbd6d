import { type MemberId, MemoryLogDisk, type Message } from 'raft-ts';
import { type Effect, Raft } from 'raft-ts/core';

/** What the harness needs of a member: a Raft, or what it is compared with. */
export type Member = Pick<
  Raft,
  'propose' | 'step' | 'tick' | 'takeEffects' | 'written' | 'applied' | 'appliedIndex'
>;

export const MEMBER_IDS: readonly MemberId[] = [1, 2, 3];
/** Leads in every group. */
export const LEADER: MemberId = 1;

/**
 * Three members in one process without an outside: messages are handed over and writes finish at
 * once, so that what is measured is the core. A turn gives the members all that has arrived and
 * takes each one's effects once, as a turn of the event loop does.
 */
export class MemoryGroup {
  readonly followerIds: readonly MemberId[];
  /** What the leader had applied when the group was ready. */
  readonly startIndex: number;
  readonly #members: ReadonlyMap<MemberId, Member>;
  #arriving: Message[] = [];
  /** Members that were given something since their effects were taken. */
  #toRun = new Set<MemberId>();

  /** `begin` makes LEADER lead, where that takes anything. */
  constructor(members: ReadonlyMap<MemberId, Member>, begin?: () => void) {
    this.#members = members;
    this.followerIds = [...members.keys()].filter((id) => id !== LEADER);
    if (begin !== undefined) {
      begin();
      this.#toRun.add(LEADER);
      this.settle();
    }
    this.startIndex = this.member(LEADER).appliedIndex;
  }

  member(id: MemberId): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`no member ${id} in this group`);
    return member;
  }

  /** A proposal for each payload, and everything that follows from them. */
  propose(payloads: readonly Uint8Array[]): void {
    const leader = this.member(LEADER);
    for (const payload of payloads) {
      if (!leader.propose([payload]).accepted) throw new Error('a proposal was rejected');
    }
    this.#toRun.add(LEADER);
    this.settle();
  }

  /** A tick of one member and what it has to do then; what it sends waits for `settle`. */
  tick(id: MemberId): void {
    this.member(id).tick();
    this.#run(id);
  }

  /** Turns until nothing is on its way and nobody has anything to do. */
  settle(): void {
    while (this.#toRun.size > 0 || this.#arriving.length > 0) {
      const arrived = this.#arriving;
      this.#arriving = [];
      for (const message of arrived) {
        this.member(message.to).step(message);
        this.#toRun.add(message.to);
      }
      for (const id of MEMBER_IDS) if (this.#toRun.delete(id)) this.#run(id);
    }
  }

  #run(id: MemberId): void {
    const member = this.member(id);
    for (const effect of member.takeEffects()) this.#carryOut(id, member, effect);
  }

  #carryOut(id: MemberId, member: Member, effect: Effect): void {
    switch (effect.type) {
      case 'send':
        for (const message of effect.messages) this.#arriving.push(message);
        break;
      case 'write':
        for (const message of effect.messages) this.#arriving.push(message);
        member.written(effect.sequence);
        this.#toRun.add(id);
        break;
      case 'apply':
        member.applied(effect.entries.at(-1)?.index ?? 0);
        this.#toRun.add(id);
        break;
      case 'membership-in-force':
        break;
      default:
        throw new Error(`nothing here leads to an effect of type ${effect.type}`);
    }
  }
}

export function raftGroup(): MemoryGroup {
  const members = new Map(MEMBER_IDS.map((id) => [id, createRaft(id)]));
  const leader = members.get(LEADER);
  const group = new MemoryGroup(members, () => leader?.campaign());
  if (leader?.role !== 'leader') throw new Error(`member ${LEADER} was not elected`);
  return group;
}

/** Begins with an empty log and knows who votes. */
function createRaft(id: MemberId): Raft {
  const voters = { voters: MEMBER_IDS, outgoing: [], learners: [], nextLearners: [] };
  const configuration = { ...voters, autoLeave: false };
  const membership = { index: 0, configuration, endpoints: {}, forcedRecoveries: [], unheard: [] };
  const log = { ...new MemoryLogDisk().state(), base: { index: 0, term: 0, membership } };
  return new Raft({ id, log, applied: 0, random: () => 0 });
}
