import { expect, it } from 'vitest';
import { ClockVerdicts } from './clock-watch.js';

const DAY_MS = 86_400_000;

function verdicts() {
  const lines: string[] = [];
  const taken = new ClockVerdicts((line) => lines.push(line));
  /** What is said of clocks that are so far ahead; one that is undefined does not answer. */
  return (...aheadMs: readonly (number | undefined)[]) => {
    lines.length = 0;
    taken.take(
      aheadMs.flatMap((ahead, at) =>
        ahead === undefined ? [] : { id: at + 1, aheadMs: ahead, errorMs: 0 },
      ),
    );
    return [...lines];
  };
}

const RIGHT = 'the clock of member 2 agrees with most again';

it('says once when a clock is off, and once when it is right again', () => {
  const said = verdicts();
  expect(said(0, 0, 0)).toEqual([]);
  expect(said(0, DAY_MS * 3, 0)).toEqual([
    "the clock of member 2 is 3.0 days ahead of most members' clocks: set it right",
  ]);
  expect(said(0, DAY_MS * 3, 0)).toEqual([]);
  expect(said(0, 0, 0)).toEqual([RIGHT]);
  expect(said(0, 0, 0)).toEqual([]);
});

it('does not say it again and again of one that is off by about what is tolerated', () => {
  const said = verdicts();
  expect(said(0, 1001, 0)).toHaveLength(1);
  for (const ahead of [999, 1001, 501, 1000]) expect(said(0, ahead, 0)).toEqual([]);
  expect(said(0, 500, 0)).toEqual([RIGHT]);
  expect(said(0, 999, 0)).toEqual([]);
});

it('keeps to what it knows while members do not answer', () => {
  const said = verdicts();
  expect(said(0, DAY_MS, 0)).toHaveLength(1);
  expect(said(0, undefined, 0)).toEqual([]);
  expect(said(0, DAY_MS, undefined)).toEqual([]);
  expect(said(undefined, undefined, 0)).toEqual([]);
  expect(said(0, 0, 0)).toEqual([RIGHT]);
});

it('names both of two, and then the one that a third tells to be off', () => {
  const said = verdicts();
  expect(said(0, DAY_MS * 3, undefined)).toEqual([
    "the clock of member 1 is 3.0 days behind another's, and no majority tells which is right: set it right",
    "the clock of member 2 is 3.0 days ahead of another's, and no majority tells which is right: set it right",
  ]);
  expect(said(0, DAY_MS * 3, 0)).toEqual(['the clock of member 1 agrees with most again']);
  expect(said(0, 0, 0)).toEqual([RIGHT]);
});
