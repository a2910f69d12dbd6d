/**
 * Counts what `npm run mutants` says in its last line: a mutant that was noticed is a test that
 * passed. One that could not be planted, or whatever else kept the run from ending well, is a
 * failure too.
 *
 * @param {string} output
 * @param {boolean} succeeded whether the run itself did
 * @returns {{ passed: number, failed: number }}
 */
export function countMutants(output, succeeded) {
  const [, planted = '0', caught = '0'] =
    /^mutants: (\d+) planted, (\d+) caught$/m.exec(output) ?? [];
  const passed = Number(caught);
  const failed = Number(planted) - passed;
  return { passed, failed: succeeded || failed > 0 ? failed : 1 };
}
