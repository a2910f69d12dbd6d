import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../testing/raft-group.js';
import type { Entry } from './log/entry.js';

/** What can happen to a group; numbers choose a member or a message, modulo how many there are. */
type Step =
  | readonly ['tick', number]
  | readonly ['deliver', number]
  | readonly ['drop', number]
  | readonly ['duplicate', number]
  | readonly ['propose', number]
  | readonly ['read', number]
  | readonly ['fsync', number]
  | readonly ['crash', number]
  | readonly ['restart', number];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('deliver' as const), fc.nat(40)) },
  { weight: 8, arbitrary: fc.tuple(fc.constant('tick' as const), fc.nat(4)) },
  { weight: 8, arbitrary: fc.tuple(fc.constant('fsync' as const), fc.nat(4)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('propose' as const), fc.nat(4)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('read' as const), fc.nat(4)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('drop' as const), fc.nat(40)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('duplicate' as const), fc.nat(40)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('crash' as const), fc.nat(4)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restart' as const), fc.nat(4)) },
);

/** Runs the steps and checks the safety properties of the Raft paper (figure 3) after each. */
class CheckedGroup {
  readonly group: RaftGroup;
  readonly #leaderOfTerm = new Map<number, number>();
  readonly #committed: Entry[] = [];
  readonly #readFloor = new Map<number, number>();
  #proposals = 0;
  #reads = 0;

  constructor(size: number, preVote: boolean) {
    let draw = 7;
    this.group = new RaftGroup({
      size,
      manualDisk: true,
      random: () => {
        draw = (draw * 1_103_515_245 + 12_345) % 2 ** 31;
        return draw / 2 ** 31;
      },
      raft: {
        electionTicks: 3,
        heartbeatTicks: 1,
        preVote,
        maxAppendBytes: 80,
        maxInflightAppends: 3,
        logWindowBytes: 100,
      },
    });
  }

  take([kind, choice]: Step): void {
    const g = this.group;
    const id = (choice % g.ids.length) + 1;
    const position = g.network.length === 0 ? 0 : choice % g.network.length;
    const member = g.member(id);
    if (kind === 'deliver') g.deliver(position);
    else if (kind === 'drop') g.network.splice(position, 1);
    else if (kind === 'duplicate') g.network.push(...g.network.slice(position, position + 1));
    else if (kind === 'crash') g.crash(id);
    else if (kind === 'restart' && !member.running) g.restart(id);
    else if (!member.running) return;
    else if (kind === 'tick') g.tick(id);
    else if (kind === 'fsync') g.finishWrites(id, 1);
    else if (kind === 'propose') g.propose(id, `value ${this.#proposals++}`);
    else if (kind === 'read') this.#read(id);
    this.check();
  }

  #read(id: number): void {
    const context = ++this.#reads;
    if (this.group.raft(id).readIndex(context).accepted) {
      this.#readFloor.set(context, this.#committed.length);
    }
    this.group.run(id);
  }

  check(): void {
    const g = this.group;
    for (const id of g.ids) {
      const member = g.member(id);
      const { role, term, progress, commit } = member.raft.status();
      if (member.running && role === 'leader') {
        // Election safety: at most one leader a term.
        const known = this.#leaderOfTerm.get(term);
        expect(known === undefined || known === id, `two leaders in term ${term}`).toBe(true);
        this.#leaderOfTerm.set(term, id);
        for (const p of progress) expect(p.match).toBeLessThan(p.next);
      }
      // State machine safety: the same entry at the same index, everywhere and for ever.
      for (const entry of member.applied.slice(0)) {
        const known = this.#committed[entry.index - 1];
        if (known === undefined) this.#committed[entry.index - 1] = entry;
        else expect(known).toEqual(entry);
      }
      if (member.running) expect(commit).toBeGreaterThanOrEqual(member.applied.length);
      // Linearizable reads: no read is older than what had been applied when it was asked.
      for (const { context, index } of member.readyReads) {
        expect(index).toBeGreaterThanOrEqual(this.#readFloor.get(context) ?? 0);
      }
    }
    // Log matching: the same index and term mean the same log up to there.
    const [first, ...rest] = g.ids.map((id) => g.member(id).disk.entries);
    for (const other of rest) {
      for (let i = Math.min(first?.length ?? 0, other.length) - 1; i >= 0; i--) {
        if (first?.[i]?.term !== other[i]?.term) continue;
        expect(first?.slice(0, i + 1)).toEqual(other.slice(0, i + 1));
        break;
      }
    }
  }

  /** Everybody is up and connected: within these ticks they serve again and agree. */
  heal(): void {
    const g = this.group;
    for (const id of g.ids) if (!g.member(id).running) g.restart(id);
    for (let tick = 0; tick < 200; tick++) {
      for (const id of g.ids) g.tick(id);
      this.#settleDisks();
    }
    const leader = g.ids.find((id) => g.raft(id).role === 'leader') ?? 0;
    expect(leader, 'no leader after healing').toBeGreaterThan(0);
    expect(g.propose(leader, 'after healing')).toBeGreaterThan(0);
    for (let tick = 0; tick < 10; tick++) {
      g.tick(leader);
      this.#settleDisks();
    }
    this.check();
    const logs = g.ids.map((id) => g.appliedTexts(id));
    for (const log of logs) expect(log).toEqual(logs[0]);
    expect(logs[0]?.at(-1)).toBe('after healing');
  }

  #settleDisks(): void {
    for (let i = 0; i < 20; i++) {
      for (const id of this.group.ids) this.group.finishWrites(id);
      this.group.settle();
    }
  }
}

describe('Raft, whatever happens', () => {
  for (const [size, preVote] of [
    [3, true],
    [3, false],
    [5, true],
  ] as const) {
    it(`keeps its promises: ${size} members, pre-vote ${preVote}`, () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 50, maxLength: 400, size: 'max' }), (steps) => {
          const checked = new CheckedGroup(size, preVote);
          for (const s of steps) checked.take(s);
          checked.heal();
        }),
        { numRuns: 60 },
      );
    });
  }
});
