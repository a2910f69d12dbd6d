import { describe, expect, it } from 'vitest';
import { NEMESIS } from '../../histories/history-event.js';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import { COMPARE_MEMBERS } from '../members/member-calls.js';
import { check } from '../simulated-history.test.support.js';
import { availabilityChecker } from './availability-checker.js';

const call = (from: number, to: number, isAnswered = true): HandmadeCall => ({
  from,
  to,
  input: { kind: 'read' },
  ...(isAnswered ? { output: 1 } : {}),
});
const byNemesis = (from: number, to: number, input: HandmadeCall['input']): HandmadeCall => ({
  from,
  to,
  process: NEMESIS,
  input,
  output: null,
});

const FAULT = [
  byNemesis(1000, 1010, { kind: 'partition' }),
  // The fault began with the event of this index, in each of the histories below.
  byNemesis(3000, 3100, { kind: 'heal', fault: 3 }),
];

describe('availabilityChecker', () => {
  it('tells silences before, in and after faults apart', async () => {
    const history = handmade([
      call(0, 400),
      ...FAULT,
      call(900, 3900),
      call(3950, 4000, false),
      call(4000, 4700),
    ]);
    expect((await check(availabilityChecker(), history)).figures).toEqual({
      calls: 4,
      answered: 3,
      answeredShare: 0.75,
      answeredShareBySecond: [1, null, null, 0, 1],
      longestSilenceBeforeFaultsMs: 400,
      longestSilenceInFaultsMs: 2100,
      longestSilenceAfterHealingMs: 800,
      violations: 0,
    });
  });

  it('counts no time in which nobody calls, and no comparison for a fault', async () => {
    const history = handmade([
      call(0, 100),
      byNemesis(5000, 5100, { kind: COMPARE_MEMBERS }),
      call(9000, 9200),
    ]);
    expect((await check(availabilityChecker(), history)).figures).toMatchObject({
      longestSilenceBeforeFaultsMs: 200,
      longestSilenceInFaultsMs: 0,
      longestSilenceAfterHealingMs: 0,
    });
  });

  it('finds a silence that is longer than its limit', async () => {
    const history = handmade([call(0, 400), ...FAULT, call(900, 4200)]);
    const judged = await check(availabilityChecker({ maxSilenceMs: 1000 }), history);
    expect(judged.findings).toEqual([
      {
        lines: [
          'No call was answered from 3.100 s to 4.200 s, 1100 ms, although calls waited and no fault was in force.',
        ],
        calls: [2],
      },
    ]);
    expect(await check(availabilityChecker({ maxSilenceMs: 1100 }), history)).toMatchObject({
      verdict: 'valid',
    });
  });

  it('has a fault that failed for none, and one that nobody heals for one to the end; a call may heal all', async () => {
    const { output: _output, ...failed } = byNemesis(100, 200, { kind: 'kill' });
    const history = handmade([{ ...failed, failed: true }, call(300, 900)]);
    expect((await check(availabilityChecker(), history)).figures).toMatchObject({
      longestSilenceInFaultsMs: 0,
      longestSilenceAfterHealingMs: 600,
    });
    const all = handmade([
      byNemesis(100, 200, { kind: 'kill' }),
      byNemesis(110, 210, { kind: 'pause' }),
      byNemesis(300, 400, { kind: 'heal' }),
      call(500, 700),
    ]);
    expect((await check(availabilityChecker(), all)).figures).toMatchObject({
      longestSilenceInFaultsMs: 0,
      longestSilenceAfterHealingMs: 200,
    });
    const unhealed = handmade([byNemesis(100, 200, { kind: 'kill' }), call(300, 900)]);
    expect((await check(availabilityChecker(), unhealed)).figures).toMatchObject({
      longestSilenceInFaultsMs: 600,
    });
  });
});
