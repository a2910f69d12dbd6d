/**
 * Counts what `npm run jepsen -- matrix` says of its cells: a valid one has passed. What was skipped counts for
 * nothing, nor does a cell without a strike, which proves nothing. Whatever else kept the run from ending well is
 * a failure.
 *
 * @param {string} output
 * @returns {{ passed: number, failed: number }}
 */
export function countCells(output) {
  const [, counts] = /^\d+ cells: (.+)$/m.exec(output) ?? [];
  if (counts === undefined) return { passed: 0, failed: 1 };
  /** @param {string} outcome */
  const count = (outcome) => Number(new RegExp(`(\\d+) ${outcome}\\b`).exec(counts)?.[1] ?? 0);
  return { passed: count('valid'), failed: count('invalid') + count('unknown') + count('failed') };
}
