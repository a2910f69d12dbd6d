import { expect, it } from 'vitest';
import type { TestOutcome } from '../run/run-test.js';
import { resultOf } from './cell-result.js';

const CELL = { suite: 'etcd', workload: 'set', nemesis: 'kill', seed: 7 };

function outcome(
  verdict: TestOutcome['verdict'],
  faults: Readonly<Record<string, number>>,
  nemeses: readonly string[] = ['kill'],
): TestOutcome {
  const check = { checker: 'sets', verdict, figures: {} };
  const findings = verdict === 'valid' ? [] : [{ lines: ['4 is lost'], calls: [] }];
  return {
    directory: '/store/etcd-set-kill/now',
    verdict,
    results: {
      format: 1,
      verdict,
      header: {
        format: 1,
        workload: 'set',
        suite: 'etcd',
        nemeses,
        seed: 7,
        startedAt: '2030-01-01T00:00:00.000Z',
        options: {},
      },
      counts: { calls: 1, ok: 1, fail: 0, info: 0 },
      faults,
      durationMs: 1,
      longestSilenceAfterHealingMs: null,
      results: [{ ...check, findings }],
      members: [],
      commands: [],
    },
  };
}

it('a valid test proves nothing of faults that did not strike', () => {
  const resulting = (test: TestOutcome) => resultOf(CELL, '/store', test).outcome;
  expect(resulting(outcome('valid', { 'kill-one': 1 }))).toBe('valid');
  expect(resulting(outcome('valid', {}))).toBe('not-struck');
  expect(resulting(outcome('valid', {}, []))).toBe('valid');
  expect(resulting(outcome('invalid', {}))).toBe('invalid');
});

it('a result says what was violated, and where its test lies', () => {
  const { reasons, test } = resultOf(CELL, '/store', outcome('invalid', {}));
  expect(reasons).toEqual(['sets: 4 is lost']);
  expect(test?.directory).toBe('etcd-set-kill/now');
});
