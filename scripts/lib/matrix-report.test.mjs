import { expect, test } from 'vitest';
import { countCells } from './matrix-report.mjs';

test('a valid cell passed; one that was violated, not decided or not carried out failed', () => {
  const counts = '20 cells: 11 valid, 1 invalid, 2 unknown, 3 not-struck, 1 failed, 2 skipped';
  expect(countCells(`| a | b |\n\n${counts}\noperations: 7\n`)).toEqual({ passed: 11, failed: 4 });
});

test('a matrix without an end has failed', () => {
  expect(countCells('jepsen: there is no nemesis earthquake\n')).toEqual({ passed: 0, failed: 1 });
});
