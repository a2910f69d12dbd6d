import { MemoryLogDisk } from 'raft-ts';
import {
  EMPTY_BASE,
  EMPTY_CONFIGURATION,
  EMPTY_HARD_STATE,
  EMPTY_MEMBERSHIP,
  type LogBase,
  type MemberId,
  type RaftOptions,
} from 'raft-ts/core';
import { ScriptError } from '../directive.js';
import { Application, type ApplicationState } from './application.js';
import { Member, type Surroundings } from './member.js';
import { Output } from './output.js';
import type { Parcel } from './parcel.js';

/** How new members are. */
export interface NewMembers {
  readonly voters: readonly MemberId[];
  readonly learners: readonly MemberId[];
  /** They start as if they had applied this many entries; 0 for an empty log. */
  readonly index: number;
  readonly content: string;
  readonly options: Partial<RaftOptions>;
  readonly threads: boolean;
  readonly joining: boolean;
}

/** More rounds than this without an end: the members keep each other busy for ever. */
const MAX_ROUNDS = 10_000;

/** The members of a script, what is on its way between them, and what is printed. */
export class Group {
  readonly output = new Output();
  readonly #members: Member[] = [];
  /** Oldest first. */
  #network: Parcel[] = [];
  #draw = 1;

  get members(): readonly Member[] {
    return this.#members;
  }

  member(id: MemberId): Member {
    const member = this.#members[id - 1];
    if (member === undefined) throw new ScriptError(`there is no member ${id}`);
    return member;
  }

  /** Adds members with the next ids. */
  add(count: number, members: NewMembers): void {
    for (let i = 0; i < count; i++) this.#add(this.#members.length + 1, members);
  }

  #add(id: MemberId, { options, threads, joining, ...first }: NewMembers): void {
    const surroundings: Surroundings = {
      stateOf: (from, index) => this.#stateOf(from, index),
      post: (parcels) => this.post(parcels),
      print: (text) => this.output.print(text),
    };
    const base = firstBase(first);
    const disk = new MemoryLogDisk();
    disk.base = base;
    disk.hardState = { ...EMPTY_HARD_STATE, commit: base.index };
    const application = new Application({ base, content: first.content });
    const random = () => this.#random();
    this.#members.push(
      new Member({ id, options, application, disk, threads, joining, random }, surroundings),
    );
  }

  /** Uniform in [0, 1), and the same in every run. */
  #random(): number {
    this.#draw = (Math.imul(this.#draw, 1_103_515_245) + 12_345) >>> 0;
    return this.#draw / 2 ** 32;
  }

  #stateOf(from: MemberId, index: number): ApplicationState | undefined {
    return this.#members[from - 1]?.application.at(index);
  }

  /** A crash, and with `wipe` the loss of its disk; what its threads had to tell it is gone. */
  restart(id: MemberId, wipe: boolean): void {
    const member = this.member(id);
    this.#takeParcels((parcel) => parcel.to === id && parcel.local);
    if (wipe) member.wipe();
    else member.restart();
  }

  post(parcels: readonly Parcel[]): void {
    this.#network.push(...parcels);
  }

  waitsFor(to: MemberId): boolean {
    return this.#network.some((parcel) => parcel.to === to);
  }

  /** Delivers what is on its way to `to`, of one kind or any; false when there is nothing. */
  deliver(to: MemberId, type?: string): boolean {
    const parcels = this.#takeParcels((p) => p.to === to && (type ?? p.type) === p.type);
    for (const parcel of parcels) {
      this.output.print(parcel.text);
      parcel.deliver(this.member(to));
    }
    return parcels.length > 0;
  }

  /** Loses what others have sent to `to`. */
  drop(to: MemberId, type?: string): boolean {
    const parcels = this.#takeParcels(
      (p) => p.to === to && !p.local && (type ?? p.type) === p.type,
    );
    for (const parcel of parcels) this.output.print(`dropped: ${parcel.text}`);
    return parcels.length > 0;
  }

  #takeParcels(matches: (parcel: Parcel) => boolean): readonly Parcel[] {
    const taken = this.#network.filter(matches);
    this.#network = this.#network.filter((parcel) => !taken.includes(parcel));
    return taken;
  }

  /** Lets these members do what they have to, and talk, until nothing is left of it. */
  stabilize(ids: readonly MemberId[]): void {
    const members = ids.map((id) => this.member(id));
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const acted = [
        ...members.map((member) => this.#runReady(member)),
        ...members.map((member) => this.#runDelivery(member)),
        ...members.map((member) => this.#runThread(member, 'append')),
        ...members.map((member) => this.#runThread(member, 'apply')),
      ];
      if (!acted.includes(true)) return;
    }
    throw new ScriptError(`no end after ${MAX_ROUNDS} rounds`);
  }

  #runReady(member: Member): boolean {
    if (!member.hasReady()) return false;
    this.output.print(`> ${member.id} handling Ready`);
    this.output.indented(() => member.processReady());
    return true;
  }

  #runDelivery({ id }: Member): boolean {
    if (!this.waitsFor(id)) return false;
    this.output.print(`> ${id} receiving messages`);
    this.output.indented(() => this.deliver(id));
    return true;
  }

  #runThread({ id, threads }: Member, thread: 'append' | 'apply'): boolean {
    if (threads?.has(thread) !== true) return false;
    this.output.print(`> ${id} processing ${thread} thread`);
    this.output.indented(() => {
      while (threads.has(thread))
        for (const line of threads.process(thread)) this.output.print(line);
    });
    return true;
  }
}

function firstBase({
  voters,
  learners,
  index,
}: Pick<NewMembers, 'voters' | 'learners' | 'index'>): LogBase {
  if (index === 0) return EMPTY_BASE;
  const configuration = { ...EMPTY_CONFIGURATION, voters, learners };
  return { index, term: 1, membership: { ...EMPTY_MEMBERSHIP, index, configuration } };
}
