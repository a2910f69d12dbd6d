import {
  callback,
  completeOptions,
  listOf,
  nested,
  type OptionsForm,
  optional,
  recordOf,
  wholeNumber,
  yesOrNo,
} from '@raft-ts/net/options';
import type { Effect, TransferEndedEffect, WriteEffect } from '../core/effects.js';
import { type Entry, EntryType, type MemberId } from '../core/log/entry.js';
import { EMPTY_BASE } from '../core/log/log-state.js';
import { bootstrapWrite } from '../core/membership/bootstrap.js';
import { EMPTY_CONFIGURATION } from '../core/membership/configuration.js';
import { EMPTY_MEMBERSHIP } from '../core/membership/membership.js';
import type { MembershipChange } from '../core/membership/membership-change.js';
import type { Message } from '../core/message.js';
import { memberId, type RaftOptions, raftOptionsForm } from '../core/options.js';
import { Raft } from '../core/raft.js';
import { MemoryLogDisk } from '../log/memory-log-store.js';

interface GroupMember {
  raft: Raft;
  running: boolean;
  /** Exactly what was written and fsynced. */
  disk: MemoryLogDisk;
  /** Handed out, not yet durable. */
  writes: WriteEffect[];
  /** What its state machine was given; kept over restarts, as a durable machine keeps its state. */
  applied: Entry[];
  /** Entries read from disk that are not handed over yet. */
  readonly reads: { readonly reader: MemberId; readonly entries: readonly Entry[] }[];
  readonly transfers: TransferEndedEffect[];
  readonly readyReads: { readonly context: number; readonly index: number }[];
  readonly failedReads: number[];
}

export interface RaftGroupOptions {
  /** Up to 100. */
  readonly size: number;
  /** Members that take part from the beginning; all by default. The others join later. */
  readonly voters?: readonly MemberId[];
  readonly learners?: readonly MemberId[];
  readonly raft?: Partial<RaftOptions>;
  /** What `raft` says, but for one member. */
  readonly raftOf?: Readonly<Record<MemberId, Partial<RaftOptions>>>;
  /** Uniform in [0, 1); a fixed sequence by default. */
  readonly random?: () => number;
  /** Writes become durable at once (the default), or only when `finishWrites` is called. */
  readonly manualDisk?: boolean;
  /** What others lack is read from disk at once and handed over when `finishRead` is called. */
  readonly manualReads?: boolean;
}

const MAX_SIZE = 100;

const optionsForm: OptionsForm<RaftGroupOptions, object> = {
  fields: {
    size: wholeNumber(1, MAX_SIZE),
    voters: optional(listOf(memberId)),
    learners: optional(listOf(memberId)),
    raft: optional(nested(raftOptionsForm)),
    raftOf: optional(recordOf(memberId, nested(raftOptionsForm))),
    random: optional(callback()),
    manualDisk: optional(yesOrNo),
    manualReads: optional(yesOrNo),
  },
  defaults: {},
};

/**
 * Cores without any outside: messages wait in a queue until they are delivered or dropped, disks
 * hold what was written. For tests by scenario and benches of the core alone.
 */
export class RaftGroup {
  readonly ids: readonly MemberId[];
  /** On their way, oldest first. */
  network: Message[] = [];
  /** What leases are reckoned by. */
  nowMs = 0;
  /** Fetches of a snapshot fail while false. */
  snapshots = true;
  readonly #members = new Map<MemberId, GroupMember>();
  readonly #options: RaftGroupOptions;
  readonly #random = fixedSequence();

  /** Throws a TypeError that names what is wrong with the options. */
  constructor(given: RaftGroupOptions) {
    const options = completeOptions(optionsForm, given, (message) => new TypeError(message));
    this.#options = options;
    this.ids = Array.from({ length: options.size }, (_, i) => i + 1);
    for (const id of this.ids) {
      const disk = this.#founded(id);
      this.#members.set(id, {
        raft: this.#boot(id, disk, 0),
        running: true,
        disk,
        writes: [],
        applied: [],
        reads: [],
        transfers: [],
        readyReads: [],
        failedReads: [],
      });
    }
  }

  /**
   * The disk of a member as it begins. Where some come later, the log's first entry says who takes
   * part, so that they learn it; else it is known before the first entry.
   */
  #founded(id: MemberId): MemoryLogDisk {
    const { voters, learners = [] } = this.#options;
    const disk = new MemoryLogDisk();
    if (voters === undefined) {
      const configuration = { ...EMPTY_CONFIGURATION, voters: this.ids };
      disk.base = { ...EMPTY_BASE, membership: { ...EMPTY_MEMBERSHIP, configuration } };
    } else if (voters.includes(id) || learners.includes(id)) {
      disk.write(bootstrapWrite(voters, learners, {}));
    }
    return disk;
  }

  #boot(id: MemberId, disk: MemoryLogDisk, applied: number): Raft {
    const { raft, raftOf, random = this.#random } = this.#options;
    const options = { ...raft, ...raftOf?.[id] };
    return new Raft({ id, log: disk.state(), applied, random, options, joining: true });
  }

  member(id: MemberId): GroupMember {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`no member ${id} in this group`);
    return member;
  }

  raft(id: MemberId): Raft {
    return this.member(id).raft;
  }

  /** Takes a member's effects until it has none, and carries them out. */
  run(id: MemberId): void {
    const member = this.member(id);
    if (!member.running) return;
    for (;;) {
      const effects = member.raft.takeEffects(this.nowMs);
      if (effects.length === 0) return;
      for (const effect of effects) this.#carryOut(member, effect);
    }
  }

  #carryOut(member: GroupMember, effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.network.push(...effect.messages);
        break;
      case 'write':
        member.writes.push(effect);
        if (this.#options.manualDisk !== true) this.#finishWrite(member);
        break;
      case 'apply':
        member.applied.push(...effect.entries);
        member.raft.applied(effect.entries.at(-1)?.index ?? 0);
        break;
      case 'read-entries': {
        const { reader, first, last, maxBytes } = effect;
        const gone = first <= member.disk.base.index;
        const entries = gone ? [] : member.disk.read(first, last, maxBytes);
        if (this.#options.manualReads === true && reader !== 0)
          member.reads.push({ reader, entries });
        else member.raft.entriesRead(reader, entries);
        break;
      }
      case 'fetch-snapshot':
        this.#fetch(member, effect.from, effect.index);
        break;
      case 'install-snapshot':
        member.raft.snapshotInstalled(effect.base.index);
        break;
      case 'transfer-ended':
        member.transfers.push(effect);
        break;
      case 'membership-in-force':
        break;
      case 'read-ready':
        for (const context of effect.contexts) {
          member.readyReads.push({ context, index: effect.index });
        }
        break;
      case 'read-failed':
        member.failedReads.push(...effect.contexts);
        break;
    }
  }

  /** The state is the entries that led to it. */
  #fetch(member: GroupMember, from: MemberId, index: number): void {
    if (from === 0) {
      member.raft.snapshotFailed(index);
      return;
    }
    const source = this.member(from);
    const { applied } = source;
    const base = source.raft.baseAt(applied.at(-1)?.index ?? 0);
    if (!this.snapshots || base === undefined || base.index < index) {
      member.raft.snapshotFailed(index);
    } else if (member.raft.snapshotFetched(base)) {
      member.applied = [...applied];
    }
  }

  #finishWrite(member: GroupMember): void {
    const write = member.writes.shift();
    if (write === undefined) return;
    member.disk.write(write);
    this.network.push(...write.messages);
    member.raft.written(write.sequence);
  }

  /** Hands the oldest entries that were read over to the member. */
  finishRead(id: MemberId): void {
    const member = this.member(id);
    const read = member.reads.shift();
    if (read !== undefined) member.raft.entriesRead(read.reader, read.entries);
    this.run(id);
  }

  /** Makes the oldest `count` writes of a member durable. */
  finishWrites(id: MemberId, count = Number.POSITIVE_INFINITY): void {
    const member = this.member(id);
    for (let i = 0; i < count && member.running && member.writes.length > 0; i++) {
      this.#finishWrite(member);
    }
    this.run(id);
  }

  tick(id: MemberId, times = 1): void {
    for (let i = 0; i < times; i++) {
      if (this.member(id).running) this.raft(id).tick();
      this.run(id);
    }
  }

  /** Delivers the message at `position` of the queue. */
  deliver(position: number): void {
    const [message] = this.network.splice(position, 1);
    if (message === undefined) return;
    const member = this.#members.get(message.to);
    if (member?.running !== true) return;
    member.raft.step(message);
    this.run(message.to);
  }

  /** Delivers until nothing is on its way; what `drop` picks is lost. */
  settle(drop: (message: Message) => boolean = () => false): void {
    for (const id of this.ids) this.run(id);
    while (this.network.length > 0) {
      const next = this.network[0];
      if (next !== undefined && drop(next)) this.network.shift();
      else this.deliver(0);
    }
  }

  campaign(id: MemberId): void {
    this.raft(id).campaign();
    this.run(id);
  }

  /** Makes `id` the leader with everybody's help: the others forget their leader first. */
  elect(id: MemberId): void {
    const { electionTicks = 1, checkQuorum = true } = this.#options.raft ?? {};
    if (checkQuorum) {
      for (const other of this.ids) if (other !== id) this.tick(other, electionTicks);
      this.network = [];
    }
    // A member that was away learns the others' term with its first try.
    for (let attempt = 0; attempt < 2 && this.raft(id).role !== 'leader'; attempt++) {
      this.campaign(id);
      this.settle();
    }
    if (this.raft(id).role !== 'leader') throw new Error(`member ${id} was not elected`);
  }

  /** Proposes text; returns the index, or -1 when it was rejected. */
  propose(id: MemberId, text: string): number {
    const outcome = this.raft(id).propose([Buffer.from(text)]);
    this.run(id);
    return outcome.accepted ? outcome.index : -1;
  }

  /** kill -9: what was not durable is gone, and so is what is on its way to it. */
  crash(id: MemberId): void {
    const member = this.member(id);
    member.running = false;
    member.writes = [];
    this.network = this.network.filter((message) => message.to !== id);
  }

  restart(id: MemberId): void {
    const member = this.member(id);
    member.raft = this.#boot(id, member.disk, member.applied.at(-1)?.index ?? 0);
    member.running = true;
    this.run(id);
  }

  /** The machine is back with an empty disk and state, under its old id. */
  wipe(id: MemberId): void {
    const member = this.member(id);
    member.disk = new MemoryLogDisk();
    member.applied = [];
    this.restart(id);
  }

  change(
    id: MemberId,
    ...changes: MembershipChange['changes']
  ): ReturnType<Raft['changeMembership']> {
    const outcome = this.raft(id).changeMembership({ changes, transition: 'auto' });
    this.run(id);
    return outcome;
  }

  /** Payloads of what a member has applied, without the leaders' empty entries. */
  appliedTexts(id: MemberId): string[] {
    return texts(this.member(id).applied);
  }
}

/** Payloads of commands as text. */
export function texts(entries: readonly Entry[]): string[] {
  return entries
    .filter((e) => e.type === EntryType.Command)
    .map((e) => Buffer.from(e.data).toString());
}

/** Numbers in [0, 1) that differ from one another and are the same in each run. */
function fixedSequence(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
