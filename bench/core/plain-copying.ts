import { type Entry, EntryType, type MemberId, type Message } from 'raft-ts';
import type { Accepted, Effect } from 'raft-ts/core';
import { LEADER, MEMBER_IDS, type Member, MemoryGroup } from './memory-group.js';

const TERM = 1;

/**
 * What the same work costs without Raft: the first member numbers entries and sends them on, the
 * others acknowledge, and the first acknowledgement commits. No term, vote, check, window or limit.
 * The core's speed is given as a share of this one's too: that depends little on the machine and on
 * what else runs there.
 */
class PlainCopier implements Member {
  readonly #id: MemberId;
  readonly #others: readonly MemberId[];
  #lastIndex = 0;
  #commit = 0;
  appliedIndex = 0;
  #unwritten: Entry[] = [];
  #unapplied: Entry[] = [];
  #answers: Message[] = [];
  #writeSequence = 0;

  constructor(id: MemberId) {
    this.#id = id;
    this.#others = MEMBER_IDS.filter((other) => other !== id);
  }

  propose(payloads: readonly Uint8Array[]): Accepted {
    const index = this.#lastIndex + 1;
    for (const data of payloads) {
      this.#unwritten.push({ index: ++this.#lastIndex, term: TERM, type: EntryType.Command, data });
    }
    return { accepted: true, index, term: TERM };
  }

  step(message: Message): void {
    if (message.type === 'append-response') {
      this.#commit = Math.max(this.#commit, message.index);
    } else if (message.type === 'append') {
      for (const entry of message.entries) this.#unwritten.push(entry);
      this.#lastIndex = message.prevIndex + message.entries.length;
      this.#commit = message.commit;
      this.#answers.push(this.#acknowledgement(message.from));
    }
  }

  #acknowledgement(to: MemberId): Message {
    return {
      type: 'append-response',
      from: this.#id,
      to,
      term: TERM,
      index: this.#lastIndex,
      rejected: false,
      hintIndex: 0,
      hintTerm: 0,
      recovery: 0,
    };
  }

  tick(): void {}

  takeEffects(): Effect[] {
    const effects: Effect[] = [];
    const entries = this.#unwritten;
    if (entries.length > 0) {
      this.#unwritten = [];
      if (this.#id === LEADER) effects.push({ type: 'send', messages: this.#copies(entries) });
      for (const entry of entries) this.#unapplied.push(entry);
      const messages = this.#answers;
      this.#answers = [];
      const sequence = ++this.#writeSequence;
      effects.push({
        type: 'write',
        sequence,
        hardState: undefined,
        base: undefined,
        entries,
        messages,
      });
    }
    const committed = this.#unapplied.filter((entry) => entry.index <= this.#commit);
    if (committed.length > 0) {
      this.#unapplied = this.#unapplied.slice(committed.length);
      effects.push({ type: 'apply', entries: committed });
    }
    return effects;
  }

  #copies(entries: readonly Entry[]): Message[] {
    return this.#others.map((to) => ({
      type: 'append',
      heard: true,
      from: this.#id,
      to,
      term: TERM,
      prevIndex: this.#lastIndex - entries.length,
      prevTerm: TERM,
      commit: this.#commit,
      entries,
    }));
  }

  written(): void {}

  applied(index: number): void {
    this.appliedIndex = index;
  }
}

export function plainGroup(): MemoryGroup {
  return new MemoryGroup(new Map(MEMBER_IDS.map((id) => [id, new PlainCopier(id)])));
}
