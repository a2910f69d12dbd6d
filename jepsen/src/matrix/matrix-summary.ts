import type { Verdict } from '../checkers/checker.js';
import { CELL_OUTCOMES, type CellOutcome, type CellResult, nameOf } from './cell-result.js';

/** What a matrix came to. */
export interface MatrixSummary {
  /** That were to be run; fewer have an outcome where it was ended early. */
  readonly cells: number;
  readonly outcomes: Readonly<Record<CellOutcome, number>>;
  /** Of clients, in all cells. */
  readonly operations: Readonly<Record<'calls' | 'ok' | 'fail' | 'info', number>>;
  /** Strikes by kind of fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** Where calls waited longest for an answer after a fault was healed. */
  readonly longestSilenceAfterHealing: { readonly ms: number; readonly cell: string } | null;
}

export function summaryOf(results: readonly CellResult[], cells: number): MatrixSummary {
  const tests = results.flatMap(({ test }) => test ?? []);
  const sum = (name: keyof MatrixSummary['operations']) =>
    tests.reduce((total, { counts }) => total + counts[name], 0);
  const faults = new Map<string, number>();
  for (const [kind, count] of tests.flatMap((test) => Object.entries(test.faults))) {
    faults.set(kind, (faults.get(kind) ?? 0) + count);
  }
  const silences = results.flatMap((result) => {
    const ms = result.test?.longestSilenceAfterHealingMs;
    return typeof ms === 'number' ? [{ ms, cell: nameOf(result) }] : [];
  });
  return {
    cells,
    outcomes: countsOf(results),
    operations: { calls: sum('calls'), ok: sum('ok'), fail: sum('fail'), info: sum('info') },
    faults: Object.fromEntries([...faults].sort(([a], [b]) => (a < b ? -1 : 1))),
    longestSilenceAfterHealing: silences.reduce(
      (longest: MatrixSummary['longestSilenceAfterHealing'], silence) =>
        longest === null || silence.ms > longest.ms ? silence : longest,
      null,
    ),
  };
}

function countsOf(results: readonly CellResult[]): MatrixSummary['outcomes'] {
  const counts = { valid: 0, invalid: 0, unknown: 0, 'not-struck': 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** Undefined: not all cells have come to their end. */
export function verdictOfMatrix({ cells, outcomes }: MatrixSummary): Verdict | undefined {
  if (outcomes.invalid > 0) return 'invalid';
  const ended = CELL_OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0);
  if (ended < cells) return undefined;
  return outcomes.valid + outcomes.skipped < cells ? 'unknown' : 'valid';
}

/** For a person. */
export function summaryLines(summary: MatrixSummary): readonly string[] {
  const { cells, outcomes, operations, faults, longestSilenceAfterHealing: silence } = summary;
  const { calls, ok, fail, info } = operations;
  const counts = CELL_OUTCOMES.map((outcome) => `${outcomes[outcome]} ${outcome}`).join(', ');
  const kinds = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  const strikes = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return [
    `${cells} cells: ${counts}`,
    `operations: ${calls}, of them ${ok} ok, ${fail} failed, ${info} unknown`,
    `faults that struck: ${strikes}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`,
    silence === null
      ? 'no fault was healed'
      : `longest time without an answer after healing: ${silence.ms} ms, ${silence.cell}`,
  ];
}
