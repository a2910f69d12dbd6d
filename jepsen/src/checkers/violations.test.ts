import { describe, expect, it } from 'vitest';
import { check, historyOfEvents } from './simulated-history.test.support.js';
import { linearTimeChecker, shown, type Violations } from './violations.js';

function checkerThat(judge: (violations: Violations) => void) {
  return linearTimeChecker('test', 'nothing', (_, violations) => {
    judge(violations);
    return { reads: 1 };
  });
}

describe('linearTimeChecker', () => {
  it('tells some violations, and counts all', async () => {
    const told: number[] = [];
    const checker = checkerThat((violations) => {
      for (let each = 0; each < 25; each++) {
        violations.addLazily(() => {
          told.push(each);
          return [[`number ${each}`], [7, 3, 7]];
        });
      }
    });
    const { findings, ...result } = await check(checker, historyOfEvents([]));
    expect(result).toEqual({
      checker: 'test',
      verdict: 'invalid',
      figures: { reads: 1, violations: 25 },
    });
    expect(told).toHaveLength(20);
    expect(findings).toHaveLength(21);
    expect(findings[0]).toEqual({ lines: ['number 0'], calls: [3, 7] });
    expect(findings[20]).toEqual({ lines: ['There are 5 more like these.'], calls: [] });
  });

  it('has no verdict where something is open, unless something else is violated', async () => {
    const open = checkerThat((violations) => violations.leaveOpen(['nobody read']));
    expect(await check(open, historyOfEvents([]))).toMatchObject({
      verdict: 'unknown',
      findings: [{ lines: ['nobody read'] }],
    });
    const both = checkerThat((violations) => {
      violations.leaveOpen(['nobody read']);
      violations.add(['it is lost'], []);
    });
    expect(await check(both, historyOfEvents([]))).toMatchObject({
      verdict: 'invalid',
      findings: [{ lines: ['it is lost'] }],
    });
  });

  it('stops where it is told to', async () => {
    const checker = checkerThat(() => {});
    const context = { maxDurationMs: 1, maxMemoryBytes: 1, maxThreads: 0 };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(checker.check(historyOfEvents([]), { ...context, signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('shown', () => {
  it('cuts what is long', () => {
    expect(shown('a')).toBe('"a"');
    expect(shown('a'.repeat(100))).toBe(`"${'a'.repeat(79)}...`);
  });
});
