import { expect, it } from 'vitest';
import { outcomeText } from './outcome-text.js';

it.each([
  [{}, ['kill'], true],
  [{ 'kill-one': 1 }, ['kill'], false],
  [{}, [], false],
])('says where faults were to strike and none did: %o of %o', (faults, nemeses, isTold) => {
  const header = { format: 1, workload: 'set', suite: 'etcd', seed: 7, options: {} } as const;
  const text = outcomeText({
    directory: '/store/etcd-set-kill/now',
    verdict: 'valid',
    results: {
      format: 1,
      verdict: 'valid',
      header: { ...header, nemeses, startedAt: '2030-01-01T00:00:00.000Z' },
      counts: { calls: 1, ok: 1, fail: 0, info: 0 },
      faults,
      durationMs: 1,
      longestSilenceAfterHealingMs: null,
      results: [],
      members: [],
      commands: [],
    },
  });
  expect(text.some((line) => line.includes('no fault struck'))).toBe(isTold);
});
