import { describe, expect, it } from 'vitest';
import type { CellResult, CellTest } from './cell-result.js';
import { matrixPage } from './matrix-page.js';
import { summaryLines, summaryOf, verdictOfMatrix } from './matrix-summary.js';
import { reasonLines, tableRow } from './matrix-table.js';

function result(change: Partial<CellResult> = {}, test: Partial<CellTest> = {}): CellResult {
  return {
    suite: 'etcd',
    workload: 'set',
    nemesis: 'kill',
    seed: 7,
    outcome: 'valid',
    test: {
      directory: 'etcd-set-kill/2030-01-01T00.00.00.000Z',
      counts: { calls: 10, ok: 7, fail: 2, info: 1 },
      faults: { 'kill-one': 2, 'kill-all': 1 },
      durationMs: 60_000,
      longestSilenceAfterHealingMs: 400,
      commands: ['run it again', 'judge it again'],
      ...test,
    },
    reasons: [],
    ...change,
  };
}

const SKIPPED: CellResult = {
  suite: 'etcd',
  workload: 'register',
  nemesis: 'clock',
  seed: 8,
  outcome: 'skipped',
  reasons: ['libfaketime is <not> installed'],
};

describe('the summary of a matrix', () => {
  it('counts what cells came to, what was called, and what struck', () => {
    const slow = result(
      { nemesis: 'pause' },
      { longestSilenceAfterHealingMs: 900, faults: { pause: 4 } },
    );
    const calm = result({ nemesis: 'none' }, { longestSilenceAfterHealingMs: null, faults: {} });
    expect(summaryOf([result(), slow, calm, SKIPPED], 5)).toEqual({
      cells: 5,
      outcomes: { valid: 3, invalid: 0, unknown: 0, 'not-struck': 0, failed: 0, skipped: 1 },
      operations: { calls: 30, ok: 21, fail: 6, info: 3 },
      faults: { 'kill-all': 1, 'kill-one': 2, pause: 4 },
      longestSilenceAfterHealing: { ms: 900, cell: 'set on etcd under pause' },
    });
    expect(summaryLines(summaryOf([slow, SKIPPED], 2))).toEqual([
      '2 cells: 1 valid, 0 invalid, 0 unknown, 0 not-struck, 0 failed, 1 skipped',
      'operations: 10, of them 7 ok, 2 failed, 1 unknown',
      'faults that struck: 4 (pause 4)',
      'longest time without an answer after healing: 900 ms, set on etcd under pause',
    ]);
  });

  it('is valid only where every cell that can be run is, and none is left', () => {
    const verdict = (results: readonly CellResult[], cells = results.length) =>
      verdictOfMatrix(summaryOf(results, cells));
    expect(verdict([result(), SKIPPED])).toBe('valid');
    expect(verdict([result()], 2)).toBeUndefined();
    expect(verdict([result({ outcome: 'invalid' })], 2)).toBe('invalid');
    for (const outcome of ['unknown', 'not-struck', 'failed'] as const) {
      expect(verdict([result(), result({ outcome })])).toBe('unknown');
    }
  });

  it('has a row for each cell, and says why one is not valid', () => {
    expect(tableRow(result())).toBe('| etcd | set | kill | valid | 7 | 2 | 1 | 3 | 400 |');
    expect(tableRow(SKIPPED)).toBe('| etcd | register | clock | skipped |  |  |  |  |  |');
    expect(reasonLines(result())).toEqual([]);
    expect(reasonLines(result({ outcome: 'invalid', reasons: ['sets: 4 is lost'] }))).toEqual([
      'invalid: set on etcd under kill',
      '  sets: 4 is lost',
      '  again: run it again',
    ]);
  });

  it('is a page that leads to the tests, and shows what is not ours as text', () => {
    const page = matrixPage(
      '2030-01-01T00:00:00.000Z',
      [result(), SKIPPED],
      summaryOf([result(), SKIPPED], 2),
    );
    expect(page).toContain('<h1>Matrix: valid</h1>');
    expect(page).toContain('href="../../etcd-set-kill/2030-01-01T00.00.00.000Z/report.html"');
    expect(page).toContain('libfaketime is &lt;not&gt; installed');
  });
});
