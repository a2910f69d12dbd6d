import type { ApplyEffect, Effect, WriteEffect } from 'raft-ts/core';
import type { MemberPorts } from './member-ports.js';
import { Work } from './work.js';

/**
 * A disk that writes and an application that applies as soon as a Ready says so. A follower goes
 * on with what that makes possible within the same Ready. Whoever leads, or wants to, learns only
 * after its messages have left that its writes are durable and that it has applied something.
 */
export class PromptStorage {
  readonly #member: MemberPorts;
  /** What the core is still to be told of. */
  #applied: number[] = [];
  #written: number[] = [];

  constructor(member: MemberPorts) {
    this.#member = member;
  }

  handle(): Work {
    const work = new Work();
    const { role } = this.#member.raft;
    const follows = role === 'follower' || role === 'pre-candidate';
    let effects = this.#member.takeEffects();
    while (effects.length > 0) {
      for (const effect of effects) this.#carryOut(work, effect, follows);
      effects = follows ? this.#member.takeEffects() : [];
    }
    return work;
  }

  #carryOut(work: Work, effect: Effect, follows: boolean): void {
    if (effect.type === 'write') this.#write(work, effect, follows);
    else if (effect.type === 'apply') this.#apply(work, effect, follows);
    else this.#member.carryOut(work, effect);
  }

  #write(work: Work, effect: WriteEffect, follows: boolean): void {
    work.write(effect);
    this.#member.writeToDisk(effect);
    work.messages.push(...this.#member.parcels(effect.messages));
    if (follows) this.#member.raft.written(effect.sequence);
    else this.#written.push(effect.sequence);
  }

  #apply(work: Work, { entries }: ApplyEffect, follows: boolean): void {
    const last = entries.at(-1)?.index ?? 0;
    work.committed.push(...entries);
    work.log.push(...this.#member.apply(entries));
    if (follows && !this.#member.appliesInParts) this.#member.raft.applied(last);
    else this.#applied.push(last);
  }

  /**
   * The Ready has been seen to. What was applied comes first: a configuration that it brings into
   * force counts for the entries written beside it.
   */
  finish(): void {
    for (const index of this.#applied) this.#member.raft.applied(index);
    for (const sequence of this.#written) this.#member.raft.written(sequence);
    this.#member.raft.replicate();
    this.#applied = [];
    this.#written = [];
  }
}
