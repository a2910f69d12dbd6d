/**
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 */

/**
 * Counts what vitest's JSON report says. A file that could not be loaded, a run that failed
 * although each test passed (an error outside of a test), and a test that was not run count as
 * failures: nothing is green that was not seen to be.
 *
 * @param {{ testResults: FileResult[] }} report
 * @param {boolean} succeeded whether vitest itself did
 * @returns {{ passed: number, failed: number }}
 */
export function countTests(report, succeeded) {
  let passed = 0;
  let failed = 0;
  for (const file of report.testResults) {
    const passedHere = file.assertionResults.filter((test) => test.status === 'passed').length;
    const failedHere = file.assertionResults.length - passedHere;
    passed += passedHere;
    failed += file.status !== 'passed' && failedHere === 0 ? 1 : failedHere;
  }
  return { passed, failed: succeeded || failed > 0 ? failed : 1 };
}

/**
 * Which tests were given up because they made no progress; the runner of `vitest.config.mjs` writes
 * down their names, one a line.
 *
 * @param {string | undefined} record
 * @returns {readonly string[]}
 */
export function namesOfTimedOut(record) {
  return [...new Set((record ?? '').split('\n').filter((name) => name !== ''))];
}
