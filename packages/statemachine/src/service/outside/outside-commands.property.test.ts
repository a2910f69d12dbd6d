import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Answer } from '../fake-member.test.support.js';
import { TestMember } from '../service.test.support.js';
import { type Call, TestOutside, turns } from './outside.test.support.js';
import type { Prepared } from './outside-work.js';

/** What happens next: `which` says to which of several. */
const event = fc.record({
  what: fc.constantFrom(
    'command',
    'command',
    'again',
    'prepare',
    'prepare',
    'refuse',
    'fail',
    'settle',
    'settle',
    'commit',
    'time',
    'lead',
    'caught up',
  ),
  which: fc.nat(50),
});

/** One history of a member, and what its clients and what it does outside saw of it. */
class History {
  readonly outside: TestOutside;
  readonly answers: Answer[] = [];
  /** How often what was prepared was let go of. */
  readonly released = new Map<Call<Prepared>, number>();
  readonly #ended = new Set<unknown>();
  readonly #member: TestMember;
  #session = 0;
  #sequence = 0;
  #term = 1;

  constructor(member: TestMember, outside: TestOutside) {
    this.#member = member;
    this.outside = outside;
    this.#session = member.openSession();
    outside.settles = true;
  }

  async step(what: string, which: number): Promise<void> {
    const { preparing, settling } = this.outside;
    const call = preparing[which % Math.max(1, preparing.length)];
    switch (what) {
      case 'command':
        this.#ask(++this.#sequence, which);
        break;
      case 'again':
        if (this.#sequence > 0) this.#ask(1 + (which % this.#sequence), which);
        break;
      case 'prepare':
        if (call !== undefined) this.#goOn(call);
        break;
      case 'refuse':
        if (call !== undefined && !this.#ended.has(call)) call.resolve({ answer: 'refused' });
        this.#ended.add(call);
        break;
      case 'fail':
        if (call !== undefined && !this.#ended.has(call)) call.reject(new Error('failed'));
        this.#ended.add(call);
        break;
      case 'settle':
        settling[which % Math.max(1, settling.length)]?.resolve('settled');
        break;
      case 'commit':
        this.#member.flush();
        void this.#member.commit();
        break;
      case 'time':
        this.#member.clock.advance(which);
        break;
      case 'lead':
        if (which % 2 === 0) this.#member.replica.become('follower', ++this.#term, 2);
        this.#member.replica.become('leader', ++this.#term, 1);
        break;
      default:
        for (const reader of this.#member.replica.readers.splice(0)) reader.ready();
    }
    await turns();
  }

  /** All that takes time comes to an end. */
  async end(): Promise<void> {
    await this.#member.service.close();
    for (const reader of this.#member.replica.readers) reader.failed(new Error('stopped'));
    for (const call of this.outside.preparing) this.#goOn(call);
    for (const call of this.outside.settling) call.resolve('settled');
    await turns();
  }

  get pending(): number {
    return this.#member.service.status().pendingRequests;
  }

  get timers(): number {
    return this.#member.clock.timers;
  }

  #ask(sequence: number, which: number): void {
    this.outside.prepares = which % 3 > 0;
    const value = ['put', `${this.answers.length}`, sequence];
    this.answers.push(this.#member.command(this.#session, sequence, value, 20 + which));
  }

  #goOn(call: Call<Prepared>): void {
    if (this.#ended.has(call)) return;
    this.#ended.add(call);
    this.released.set(call, 0);
    call.resolve({ release: () => this.released.set(call, (this.released.get(call) ?? 0) + 1) });
  }
}

it('whatever happens, each attempt is answered once, and what is prepared is let go of once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const outside = new TestOutside();
      const history = new History(await TestMember.lead({ outside }), outside);
      for (const { what, which } of events) await history.step(what, which);
      await history.end();
      expect(history.answers.map(({ times }) => times)).toEqual(history.answers.map(() => 1));
      expect([...history.released.values()].filter((times) => times !== 1)).toEqual([]);
      expect([history.pending, history.timers]).toEqual([0, 0]);
    }),
  );
});
