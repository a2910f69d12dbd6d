import {
  type ApplyEffect,
  type Effect,
  EntryType,
  type Message,
  type WriteEffect,
} from 'raft-ts/core';
import { describeBase, describeCommit, describeEntries } from './describe.js';
import type { MemberPorts } from './member-ports.js';
import type { Parcel } from './parcel.js';
import { hardStateChanged, type ShownState, type StateChange } from './ready.js';
import { Work } from './work.js';

/** One piece of work for a thread: what it is, how it is done, and what it sends when it is. */
interface Task {
  readonly text: string;
  readonly perform: () => void;
  readonly responses: readonly Parcel[];
}

/** What one Ready asks the writing thread to do, and what leaves when it has. */
interface Writing {
  readonly writes: WriteEffect[];
  readonly acknowledgements: Message[];
}

/** These tell that something was written. */
const ACKNOWLEDGEMENTS: readonly Message['type'][] = ['append-response', 'vote-response'];

/**
 * A thread that writes and one that applies, each step by step as the script asks for it. What a
 * write makes true is sent, and told to the member itself, only once the thread has done it. Requests
 * for votes alone leave at once, as scripts of this format expect: the core wants its own vote to be
 * durable first, which matters to who crashes in between.
 */
export class StorageThreads {
  readonly #member: MemberPorts;
  #appends: Task[] = [];
  #applies: Task[] = [];
  /** Of the last write that was handed to the thread. */
  #sequence = 0;
  /** The last entry handed to the thread. */
  #handedOut = { index: 0, term: 0 };
  /** Up to here the member was told that its entries are durable. */
  #told = 0;
  /** Tasks of the applying thread that the core waits for. */
  #awaited = 0;

  constructor(member: MemberPorts) {
    this.#member = member;
  }

  /** Whether the thread that writes, or applies, has something to do. */
  has(thread: 'append' | 'apply'): boolean {
    return (thread === 'append' ? this.#appends : this.#applies).length > 0;
  }

  /** A crash: nothing of it will be done. */
  clear(): void {
    this.#appends = [];
    this.#applies = [];
    this.#awaited = 0;
    this.#sequence = 0;
    this.#handedOut = { index: 0, term: 0 };
    this.#told = 0;
  }

  /** Does one task, prints it and sends what comes of it. */
  process(thread: 'append' | 'apply'): string[] {
    const task = (thread === 'append' ? this.#appends : this.#applies).shift();
    if (task === undefined) return [`no ${thread} work to perform`];
    task.perform();
    this.#member.post(task.responses);
    return ['Processing:', task.text, 'Responses:', ...task.responses.map(({ text }) => text)];
  }

  /** Runs `act` when all that was handed to the writing thread so far is done. */
  onceIdle(act: () => void): void {
    const last = this.#appends.pop();
    if (last === undefined) {
      act();
      return;
    }
    const perform = () => {
      last.perform();
      act();
    };
    this.#appends.push({ ...last, perform });
  }

  /** Hands what there is to do to the threads. */
  handle(change: StateChange): Work {
    const work = new Work();
    const writing: Writing = { writes: [], acknowledgements: [] };
    let effects = this.#member.takeEffects();
    while (effects.length > 0) {
      for (const effect of effects) this.#carryOut(work, writing, effect);
      effects = this.#member.takeEffects();
    }
    const { writes, acknowledgements } = writing;
    if (writes.length > 0 || acknowledgements.length > 0 || hardStateChanged(change)) {
      this.#append(work, writing, change);
    }
    this.#orderApply(work);
    return work;
  }

  #carryOut(work: Work, writing: Writing, effect: Effect): void {
    if (effect.type === 'write') {
      work.write(effect);
      writing.writes.push(effect);
      this.#send(work, writing, effect.messages, ({ type }) => type !== 'vote');
    } else if (effect.type === 'send') {
      this.#send(work, writing, effect.messages, ({ type }) => ACKNOWLEDGEMENTS.includes(type));
    } else if (effect.type === 'apply') {
      this.#apply(work, effect);
    } else {
      this.#member.carryOut(work, effect);
    }
  }

  /** What `waits` picks leaves when the thread has written, everything else at once. */
  #send(
    work: Work,
    { acknowledgements }: Writing,
    messages: readonly Message[],
    waits: (message: Message) => boolean,
  ): void {
    acknowledgements.push(...messages.filter(waits));
    const now = messages.filter((message) => !waits(message));
    work.messages.push(...this.#member.parcels(now));
  }

  #append(work: Work, { writes, acknowledgements }: Writing, change: StateChange): void {
    const sequence = writes.at(-1)?.sequence ?? this.#sequence;
    this.#sequence = sequence;
    const last = work.entries.at(-1);
    if (last !== undefined) {
      this.#told = Math.min(this.#told, (work.entries[0]?.index ?? 1) - 1);
      this.#handedOut = { index: last.index, term: last.term };
    }
    const own = this.#toItself(work, change, sequence);
    const responses = [...this.#member.parcels(acknowledgements), ...own];
    const text = this.#describeAppend(work, change);
    const perform = () => {
      for (const write of writes) this.#member.writeToDisk(write);
      if (own.length === 0) this.#member.raft.written(sequence);
    };
    this.#appends.push({ text, perform, responses });
    work.orders.push(withResponses(text, responses));
  }

  #describeAppend({ entries, snapshot }: Work, change: StateChange): string {
    const head = `${this.#member.id}->AppendThread MsgStorageAppend`;
    const { term, commit, votedFor } = change.now;
    const state = hardStateChanged(change)
      ? `Term:${term} Log:0/0${describeCommit(commit)}${votedFor === 0 ? '' : ` Vote:${votedFor}`}`
      : 'Term:0 Log:0/0';
    const offered = snapshot === undefined ? '' : `\n  Snapshot: ${describeBase(snapshot)}`;
    return `${head} ${state}${describeEntries(entries)}${offered}`;
  }

  /** What the member hears of its own write: its vote, its entries, and that they are durable. */
  #toItself(work: Work, { now, before }: StateChange, sequence: number): readonly Parcel[] {
    const { id } = this.#member;
    const written = () => this.#member.raft.written(sequence);
    const parcels: Parcel[] = [];
    if (now.role === 'candidate' && now.term > before.term) {
      parcels.push(this.#local('MsgVoteResp', `${id}->${id}`, `Term:${now.term} Log:0/0`, written));
    }
    if (now.role === 'leader') {
      for (const { index } of work.entries) {
        const what = `Term:${now.term} Log:0/${index}`;
        parcels.push(this.#local('MsgAppResp', `${id}->${id}`, what, written));
      }
    }
    const { index, term } = this.#handedOut;
    if (index > this.#told || work.snapshot !== undefined) {
      const what = `Term:${now.term} Log:${index > this.#told ? `${term}/${index}` : '0/0'}`;
      parcels.push(
        this.#local('MsgStorageAppendResp', `AppendThread->${id}`, what, () => {
          written();
          this.#tell(index, now);
        }),
      );
    }
    return parcels;
  }

  /** Of an earlier term, it may speak of entries that were replaced since. */
  #tell(index: number, { term }: ShownState): void {
    if (term === this.#member.raft.term) this.#told = Math.max(this.#told, index);
  }

  #local(type: string, way: string, what: string, deliver: () => void): Parcel {
    return { to: this.#member.id, type, text: `${way} ${type} ${what}`, local: true, deliver };
  }

  /**
   * The application takes entries over when they are handed out, and the core goes on. It waits
   * only where the configuration changes: that counts once the thread has come to it.
   */
  #apply(work: Work, { entries }: ApplyEffect): void {
    work.committed.push(...entries);
    if (this.#awaited > 0 || entries.some(({ type }) => type === EntryType.Membership)) {
      this.#awaited++;
    } else {
      this.#member.apply(entries);
      this.#member.raft.applied(entries.at(-1)?.index ?? 0);
    }
  }

  #orderApply({ committed, orders }: Work): void {
    const last = committed.at(-1);
    if (last === undefined) return;
    const { id } = this.#member;
    const what = `Term:0 Log:0/0${describeEntries(committed)}`;
    const text = `${id}->ApplyThread MsgStorageApply ${what}`;
    const responses = [
      this.#local('MsgStorageApplyResp', `ApplyThread->${id}`, what, () => undefined),
    ];
    const awaited = this.#awaited > 0;
    const perform = () => {
      if (!awaited) return;
      this.#awaited = 0;
      const { index } = this.#member.application.state.base;
      this.#member.print(
        this.#member.apply(committed.filter((entry) => entry.index > index)).join('\n'),
      );
      this.#member.raft.applied(last.index);
    };
    this.#applies.push({ text, perform, responses });
    orders.push(withResponses(text, responses));
  }
}

function withResponses(text: string, responses: readonly Parcel[]): string {
  if (responses.length === 0) return text;
  const lines = responses.map((parcel) => indented(parcel.text));
  return `${text} Responses:[\n${lines.join('\n')}\n]`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
