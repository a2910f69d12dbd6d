import { EntryType, type LogWrite } from 'raft-ts';
import { EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { LogDamage } from 'raft-ts/testing';
import { describe, expect, it } from 'vitest';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { Random } from '../random.js';
import { VirtualTime } from '../time.js';
import { CommittedLog, type CrashSight } from './committed-log.js';
import { LogImage } from './log-image.js';

function open(seed: number, outlineBytes = 1_000_000) {
  const time = new VirtualTime();
  const { clock } = new VirtualProcess('member', time, new MachineClock(time));
  const sights: CrashSight[] = [];
  const log = new CommittedLog({
    random: new Random(seed),
    groupBytes: 300,
    outlineBytes,
    syncInBackground: (done) => time.after(5, () => done(undefined)),
    onSight: (sight) => sights.push(sight),
    onMarkFailure: (error) => expect.fail(String(error)),
  });
  log.open(clock);
  const write = (...writes: readonly LogWrite[]) => {
    log.begin(writes);
    log.through();
  };
  return {
    log,
    clock,
    sights,
    write,
    pass: (ms: number) => time.run(time.nowMs + ms, () => false),
  };
}

function entries(first: number, last: number, term: number) {
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    index: first + i,
    term,
    type: EntryType.Command,
    data: Buffer.from(`${first + i} of ${term}`),
  }));
}

/** Terms in order, and the vote. */
function found(log: CommittedLog, clock: Parameters<CommittedLog['open']>[0]): string {
  const { hardState, base, lastIndex, termRuns } = log.open(clock).state;
  return JSON.stringify([hardState, base.index, lastIndex, termRuns]);
}

const hardState = (term: number) => ({ term, votedFor: 1, commit: 0, recovery: 0 });
const FIRST: LogWrite = { hardState: hardState(2), entries: entries(1, 9, 2) };
const SECOND: LogWrite = { hardState: hardState(3), entries: entries(5, 6, 3) };
const SEEDS = Array.from({ length: 200 }, (_, i) => i);

describe('the product’s log over virtual files', () => {
  it('has all of a write after a crash, or nothing, and is never taken for damaged', () => {
    const image = new LogImage();
    image.take(FIRST);
    const before = image.copy();
    image.take(SECOND);
    const text = (one: LogImage) =>
      JSON.stringify([one.hardState, one.base.index, one.lastIndex, one.state().termRuns]);
    const seen = new Set<CrashSight>();
    const counts = { kept: 0, lost: 0 };
    for (const seed of SEEDS) {
      const { log, clock, sights, write } = open(seed);
      write(FIRST);
      log.begin([SECOND]);
      const kept = log.crash(true);
      expect(found(log, clock)).toBe(text(kept ? image : before));
      counts[kept ? 'kept' : 'lost']++;
      for (const sight of sights) seen.add(sight);
    }
    expect(counts.kept).toBeGreaterThan(0);
    expect(counts.lost).toBeGreaterThan(0);
    expect([...seen].sort()).toEqual([
      'crash behind all steps of a write',
      'crash with a mark lowered',
      'crash with a mark not raised',
      'mark lost in a crash',
      'mark torn by a crash',
    ]);
  });

  it('lets rows come back that were removed, and counts them for nothing', () => {
    let back = 0;
    for (const seed of SEEDS) {
      const { log, clock, sights, write } = open(seed);
      write(FIRST);
      write({ base: { index: 4, term: 2, membership: EMPTY_MEMBERSHIP }, entries: [] });
      log.crash(true);
      back += sights.includes('removed rows back') ? 1 : 0;
      const { base, lastIndex } = log.open(clock).state;
      expect([base.index, lastIndex]).toEqual([4, 9]);
      expect(log.read(5, 9, 1000)).toHaveLength(5);
    }
    expect(back).toBeGreaterThan(0);
    expect(back).toBeLessThan(SEEDS.length);
  });

  it('syncs its mark in the background, and loses nothing of it then', async () => {
    for (const seed of SEEDS) {
      const { log, sights, write, pass } = open(seed);
      write(FIRST);
      await pass(100);
      log.crash(true);
      expect(sights).toEqual([]);
    }
  });

  it('that ends before its mark, or has a flipped bit, is damaged', () => {
    for (const seed of SEEDS) {
      for (const harm of ['tail', 'bit'] as const) {
        const { log, clock, write } = open(seed);
        write(FIRST);
        log.crash(true);
        if (harm === 'bit') log.damage(7);
        else expect(log.loseTail(0)).toBe(true);
        expect(() => log.open(clock)).toThrow(LogDamage);
        const rebuilt = log.rebuild(77);
        expect(rebuilt).toEqual({ term: 2, votedFor: 1, commit: 0, recovery: 77 });
        expect(log.open(clock).state.hardState).toEqual(rebuilt);
      }
    }
  });

  it('gives entries with bytes of their own', () => {
    const { log, write } = open(1);
    write(FIRST);
    log.read(1, 1, 100)[0]?.data.fill(0);
    expect(Buffer.from(log.read(1, 1, 100)[0]?.data ?? []).toString()).toBe('1 of 2');
  });
});
