import { describe, expect, it } from 'vitest';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import { check } from '../simulated-history.test.support.js';
import { monotonicReadsChecker } from './monotonic-reads-checker.js';

const read = (from: number, process: number, output: number, key = 'k'): HandmadeCall => ({
  from,
  to: from + 10,
  process,
  input: { kind: 'read', key },
  output,
});

describe('monotonicReadsChecker', () => {
  it('finds reads of one client that run back', async () => {
    const result = await check(
      monotonicReadsChecker,
      handmade([read(0, 1, 5), read(100, 1, 7), read(200, 1, 7), read(300, 1, 6)]),
    );
    expect(result.findings).toEqual([
      {
        lines: [
          'Process 1 read 7 of "k" at 0.210 s, and then 6 by the read called at 0.300 s and answered at 0.310 s.',
        ],
        calls: [4, 6],
      },
    ]);
  });

  it.each<[string, readonly HandmadeCall[]]>([
    ['other clients', [read(0, 1, 5), read(100, 2, 4)]],
    ['other counters', [read(0, 1, 5), read(100, 1, 4, 'other')]],
    [
      'reads that ask for less',
      [
        read(0, 1, 5),
        { ...read(100, 1, 4), input: { kind: 'read', key: 'k', consistency: 'local' } },
      ],
    ],
  ])('finds nothing in %s', async (_, calls) => {
    expect(await check(monotonicReadsChecker, handmade(calls))).toMatchObject({ verdict: 'valid' });
  });
});
