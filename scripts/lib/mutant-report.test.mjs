import { expect, test } from 'vitest';
import { countMutants } from './mutant-report.mjs';

test('a mutant that was noticed passed, and one that survived failed', () => {
  const output = 'seed 1\n...\n\nmutants: 12 planted, 10 caught\n';
  expect(countMutants(output, false)).toEqual({ passed: 10, failed: 2 });
  expect(countMutants('mutants: 12 planted, 12 caught\n', true)).toEqual({
    passed: 12,
    failed: 0,
  });
});

test('a run that did not end well has failed', () => {
  expect(countMutants('01-a.patch does not apply', false)).toEqual({ passed: 0, failed: 1 });
  expect(countMutants('mutants: 3 planted, 3 caught\n', false)).toEqual({ passed: 3, failed: 1 });
});
