import { MemoryLogDisk } from 'raft-ts';
import {
  type Effect,
  EMPTY_BASE,
  type Entry,
  type MemberId,
  type MembershipChange,
  type Message,
  Raft,
  type RaftOptions,
  type ReadEntriesEffect,
  type Rejected,
  type WriteEffect,
} from 'raft-ts/core';
import { describeConfiguration } from '../describe-configuration.js';
import { describeChanges } from '../member-changes.js';
import type { Application, ApplicationState } from './application.js';
import { describeMessage, messageType } from './describe.js';
import type { MemberPorts } from './member-ports.js';
import type { Parcel, Receiver } from './parcel.js';
import { PromptStorage } from './prompt-storage.js';
import {
  describeReady,
  hardStateChanged,
  type ShownState,
  shownState,
  softStateChanged,
} from './ready.js';
import { StorageThreads } from './storage-threads.js';
import type { Work } from './work.js';

export interface MemberStart {
  readonly id: MemberId;
  readonly options: Partial<RaftOptions>;
  readonly application: Application;
  readonly disk: MemoryLogDisk;
  /** Writing and applying are done by threads of their own, step by step. */
  readonly threads: boolean;
  /** It may have had an earlier life that nothing is known of. */
  readonly joining: boolean;
  readonly random: () => number;
}

/** What a member needs of the group around it. */
export interface Surroundings {
  /** The state as of `index` of another member's application. */
  stateOf(from: MemberId, index: number): ApplicationState | undefined;
  post(parcels: readonly Parcel[]): void;
  print(text: string): void;
}

/** These are asked for at a bad time: the script goes on with an empty entry in their place. */
const UNTIMELY: readonly Rejected['reason'][] = ['change-pending', 'joint', 'not-joint'];

/** One member of a script's group: a core, its disk and its application, and what waits for them. */
export class Member implements MemberPorts, Receiver {
  readonly id: MemberId;
  readonly threads: StorageThreads | undefined;
  readonly application: Application;
  #disk: MemoryLogDisk;
  readonly #storage = new PromptStorage(this);
  readonly #start: MemberStart;
  readonly #surroundings: Surroundings;
  #raft: Raft;
  #shown: ShownState;
  /** What leases are reckoned by. */
  #nowMs = 0;
  /** Handed out by the core, and not seen to yet. */
  #effects: Effect[] = [];
  /** Proposals for the leader, by clients of this member. */
  #forwarded: Parcel[] = [];
  /** The state that was fetched and is to be installed. */
  #fetched: ApplicationState | undefined;

  constructor(start: MemberStart, surroundings: Surroundings) {
    this.#start = start;
    this.#surroundings = surroundings;
    this.id = start.id;
    this.application = start.application;
    this.#disk = start.disk;
    this.threads = start.threads ? new StorageThreads(this) : undefined;
    this.#raft = this.#boot(start.joining);
    this.#outwaitLeases();
    this.#shown = shownState(this.#raft.status());
  }

  /** Where leases are in use a member gives no vote at first, in case it promised one before. */
  #outwaitLeases(): void {
    const { leaseMs = 0, electionTicks = 1 } = this.#start.options;
    if (leaseMs === 0) return;
    this.#raft.setElectionTimeout(Number.POSITIVE_INFINITY);
    for (let i = 0; i < electionTicks; i++) this.#raft.tick();
    const drawn = electionTicks + Math.floor(this.#start.random() * electionTicks);
    this.#raft.setElectionTimeout(electionTicks + drawn);
  }

  #boot(joining: boolean): Raft {
    const { id, options, random } = this.#start;
    const applied = this.application.state.base.index;
    return new Raft({ id, log: this.#disk.state(), applied, options, random, joining });
  }

  get raft(): Raft {
    return this.#raft;
  }

  get disk(): MemoryLogDisk {
    return this.#disk;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** kill -9 and a new start: what was not written is gone, and what waits for the threads. */
  restart(): void {
    this.#effects = [];
    this.#forwarded = [];
    this.#fetched = undefined;
    this.threads?.clear();
    this.#raft = this.#boot(false);
    this.#shown = shownState(this.#raft.status());
  }

  /** Back under its old id, with an empty disk and nothing in its application. */
  wipe(): void {
    this.#disk = new MemoryLogDisk();
    this.application.install({ base: EMPTY_BASE, content: '' });
    this.restart();
    this.#raft = this.#boot(true);
    this.#shown = shownState(this.#raft.status());
  }

  tick(times: number, tickMs: number): void {
    for (let i = 0; i < times; i++) {
      this.#nowMs += tickMs;
      this.#raft.tick();
      this.#raft.replicate();
    }
  }

  receive(message: Message): void {
    this.#raft.step(message);
    this.#raft.replicate();
    // The state is fetched at once from where it is offered.
    if (message.type === 'snapshot-offer') this.#take();
  }

  /** Proposes here, or to the leader that this member knows of; an error when there is none. */
  propose(text: string): string | undefined {
    const outcome = this.#raft.propose([Buffer.from(text)]);
    this.#raft.replicate();
    if (outcome.accepted) return undefined;
    return this.#forward(outcome, `EntryNormal ${JSON.stringify(text)}`, (leader) => {
      leader.propose(text);
    });
  }

  changeMembership(change: MembershipChange): string | undefined {
    const outcome = this.#raft.changeMembership(change);
    this.#raft.replicate();
    if (outcome.accepted) return undefined;
    if (UNTIMELY.includes(outcome.reason)) return this.propose('');
    if (outcome.reason !== 'not-leader') return describeRejection(outcome);
    const what = `EntryConfChangeV2 ${describeChanges(change.changes)}`.trimEnd();
    return this.#forward(outcome, what, (leader) => {
      leader.changeMembership(change);
    });
  }

  #forward(
    { reason, leader }: Rejected,
    what: string,
    deliver: (leader: Receiver) => void,
  ): string | undefined {
    const known = reason === 'not-leader' && leader !== 0 && leader !== this.id;
    if (!known) return 'raft proposal dropped';
    const text = `${this.id}->${leader} MsgProp Term:0 Log:0/0 Entries:[0/0 ${what}]`;
    this.#forwarded.push({ to: leader, type: 'MsgProp', text, local: false, deliver });
    return undefined;
  }

  /** Forgets entries up to `index`, at once: nothing waits for that. */
  compact(index: number): void {
    this.#raft.compact(index);
    this.#take();
  }

  hasReady(): boolean {
    this.#take();
    const change = { now: shownState(this.#raft.status()), before: this.#shown };
    const waiting = this.#effects.length + this.#forwarded.length;
    return waiting > 0 || softStateChanged(change) || hardStateChanged(change);
  }

  /** Sees to all that there is to do, and prints it. */
  processReady(): void {
    this.#take();
    const change = { now: shownState(this.#raft.status()), before: this.#shown };
    this.#shown = change.now;
    const work = this.threads?.handle(change) ?? this.#storage.handle();
    work.messages.unshift(...this.#forwarded.splice(0));
    this.print(describeReady(change, work));
    for (const line of work.log) this.print(line);
    this.post(work.messages);
    this.#storage.finish();
  }

  print(text: string): void {
    if (text !== '') this.#surroundings.print(text);
  }

  post(parcels: readonly Parcel[]): void {
    this.#surroundings.post(parcels);
  }

  parcels(messages: readonly Message[]): readonly Parcel[] {
    return messages.map((message) => this.parcel(message));
  }

  parcel(message: Message): Parcel {
    const offered =
      message.type === 'snapshot-offer' ? this.application.at(message.index)?.base : undefined;
    return {
      to: message.to,
      type: messageType(message),
      text: describeMessage(message, offered),
      local: false,
      deliver: (member) => member.receive(message),
    };
  }

  takeEffects(): readonly Effect[] {
    this.#take();
    return this.#effects.splice(0);
  }

  /** Takes what there is to do; what nobody sees is done at once. */
  #take(): void {
    for (;;) {
      const effects = this.#raft.takeEffects(this.#nowMs);
      if (effects.length === 0) return;
      this.#effects.push(...effects.filter((effect) => !this.#doneUnseen(effect)));
    }
  }

  #doneUnseen(effect: Effect): boolean {
    switch (effect.type) {
      case 'fetch-snapshot':
        this.#fetch(effect.from, effect.index);
        return true;
      case 'read-entries':
        this.#raft.entriesRead(effect.reader, this.#read(effect));
        return true;
      case 'write':
        return this.#compacted(effect);
      default:
        return effect.type === 'membership-in-force';
    }
  }

  #fetch(from: MemberId, index: number): void {
    const state = this.#surroundings.stateOf(from, index);
    if (state === undefined) this.#raft.snapshotFailed(index);
    else if (this.#raft.snapshotFetched(state.base)) this.#fetched = state;
  }

  #read({ first, last, maxBytes }: ReadEntriesEffect): readonly Entry[] {
    return first <= this.#disk.base.index ? [] : this.#disk.read(first, last, maxBytes);
  }

  /** Lets the disk forget what the core has forgotten; true when the write asks for nothing else. */
  #compacted({ sequence, base, hardState, entries, messages }: WriteEffect): boolean {
    if (base === undefined || !this.#holds(base.index, base.term)) return false;
    this.#disk.write({ base, entries: [] });
    if (hardState !== undefined || entries.length > 0 || messages.length > 0) return false;
    const written = () => this.#raft.written(sequence);
    if (this.threads === undefined) written();
    else this.threads.onceIdle(written);
    return true;
  }

  #holds(index: number, term: number): boolean {
    const { base, entries } = this.#disk;
    if (index === base.index) return term === base.term;
    return entries[index - base.index - 1]?.term === term;
  }

  writeToDisk({ hardState, base, entries }: WriteEffect): void {
    this.#disk.write({
      ...(hardState === undefined ? {} : { hardState }),
      ...(base === undefined || base.index <= this.#disk.base.index ? {} : { base }),
      entries,
    });
  }

  get appliesInParts(): boolean {
    return this.#start.options.maxApplyBytes !== undefined;
  }

  apply(entries: readonly Entry[]): readonly string[] {
    const lines: string[] = [];
    for (const entry of entries) {
      if (!this.application.apply(entry)) continue;
      const { configuration } = this.application.state.base.membership;
      lines.push(
        `INFO ${this.id} switched to configuration ${describeConfiguration(configuration)}`,
      );
    }
    return lines;
  }

  carryOut(work: Work, effect: Effect): void {
    switch (effect.type) {
      case 'send':
        work.messages.push(...this.parcels(effect.messages));
        break;
      case 'install-snapshot':
        this.#install(effect.base.index);
        break;
      case 'read-ready':
        work.notes.push(`Reads [${effect.contexts.join(' ')}] at ${effect.index}`);
        break;
      case 'read-failed':
        work.notes.push(`Reads [${effect.contexts.join(' ')}] failed`);
        break;
      case 'transfer-ended':
        work.notes.push(`Transfer to ${effect.target}: ${effect.outcome}`);
        break;
    }
  }

  #install(index: number): void {
    if (this.#fetched?.base.index !== index) throw new Error(`no state of ${index} was fetched`);
    this.application.install(this.#fetched);
    this.#fetched = undefined;
    this.#raft.snapshotInstalled(index);
  }
}

export function describeRejection({ reason, detail }: Rejected): string {
  return `refused: ${reason}${detail === undefined ? '' : ` (${detail})`}`;
}
